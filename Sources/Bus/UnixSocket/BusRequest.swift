internal import FoundationEssentials
internal import Telemetry

/// What a client of the unix socket asks for, in the one line it sends.
struct BusRequest: Equatable, Sendable {
    /// All rows after this one; nil: live ones only.
    var since: Int64?
    /// Only rows of these sources; nil: of all.
    var sources: Set<String>?
    /// Only rows of these kinds; nil: of all.
    var kinds: Set<String>?
    /// Only rows with these statuses; nil: with all.
    var statuses: Set<String>?
    /// Which rows go out; nil: what the daemon publishes, and what `kinds` names.
    var publication: Publication?

    /// The request for every live row.
    init() {}

    /// Reads a request. Everything that is not understood is refused, so that a filter with a
    /// spelling mistake does not look like silence.
    init(line: some Collection<UInt8>) throws(BusRefusal) {
        do {
            self = try JSONDecoder().decode(BusRequest.self, from: Data(line))
        } catch let refusal as BusRefusal {
            throw refusal
        } catch DecodingError.dataCorrupted {
            throw BusRefusal("the request is not valid JSON; send {} or \(Self.example)")
        } catch {
            throw BusRefusal("a request is one JSON object, {} or \(Self.example)")
        }
    }

    /// Whether the client wants a row; `publication` is the daemon's.
    func wants(_ event: RecordedEvent, _ publication: Publication) -> Bool {
        let isNamed = self.publication == nil && kinds?.contains(event.kind) == true
        guard isNamed || (self.publication ?? publication).includes(event) else { return false }
        if let sources, !sources.contains(event.source) { return false }
        if let kinds, !kinds.contains(event.kind) { return false }
        if let statuses, !statuses.contains(event.status) { return false }
        return true
    }

    private static let example = #"{"since":0,"kind":"stall_episode"}"#
}

/// Why a client is not served, as it is told.
struct BusRefusal: Error, Equatable, Sendable {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

extension BusRequest: Decodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) {
            self.stringValue = stringValue
        }

        init?(intValue: Int) {
            nil
        }
    }

    private static let known = ["since", "source", "kind", "status", "publish"]

    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: Key.self)
        for key in object.allKeys where !Self.known.contains(key.stringValue) {
            let known = Self.known.joined(separator: ", ")
            throw BusRefusal("unknown key \"\(key.stringValue)\"; known are \(known)")
        }
        since = try Self.value(
            object, "since", "a whole number from -2^63 to 2^63-1", decode: Int64.self)
        sources = try Self.texts(object, "source")
        kinds = try Self.texts(object, "kind")
        statuses = try Self.texts(object, "status")
        let publish = try Self.value(
            object, "publish", "\"episodes\" or \"all\"", decode: String.self)
        publication = try publish.map { name in
            guard let publication = Publication(rawValue: name) else {
                throw BusRefusal("publish must be \"episodes\" or \"all\"")
            }
            return publication
        }
    }

    private static func texts(
        _ object: KeyedDecodingContainer<Key>, _ name: String
    ) throws -> Set<String>? {
        if let text = try? object.decode(String.self, forKey: Key(stringValue: name)) {
            return [text]
        }
        let accepted = "a text or a list of texts, not an empty one"
        let texts = try value(object, name, accepted, decode: [String].self)
        if let texts, texts.isEmpty { throw BusRefusal("\(name) must be \(accepted)") }
        return texts.map { Set($0) }
    }

    /// The value of a key; nil only where the key is not there.
    private static func value<Value: Decodable>(
        _ object: KeyedDecodingContainer<Key>, _ name: String, _ accepted: String,
        decode type: Value.Type
    ) throws -> Value? {
        let key = Key(stringValue: name)
        guard object.contains(key) else { return nil }
        do {
            return try object.decode(type, forKey: key)
        } catch {
            throw BusRefusal("\(name) must be \(accepted)")
        }
    }
}
