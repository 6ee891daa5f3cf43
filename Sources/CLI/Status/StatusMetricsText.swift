/// Metrics in Prometheus' text format, version 0.0.4
/// (prometheus.io/docs/instrumenting/exposition_formats).
struct StatusMetricsText {
    /// One value with its labels.
    struct Sample {
        let labels: KeyValuePairs<String, String>
        let value: Double

        init(_ labels: KeyValuePairs<String, String>, _ value: Double) {
            self.labels = labels
            self.value = value
        }
    }

    /// The lines written so far.
    private(set) var lines: [String] = []

    /// Adds a metric that may go up and down.
    mutating func gauge(_ name: String, _ help: String, _ samples: () -> [Sample]) {
        add("gauge", name, help, samples())
    }

    /// Adds a metric that only goes up.
    mutating func counter(_ name: String, _ help: String, _ samples: () -> [Sample]) {
        add("counter", name, help, samples())
    }

    private mutating func add(
        _ type: String, _ name: String, _ help: String, _ samples: [Sample]
    ) {
        guard !samples.isEmpty else { return }
        lines += ["# HELP \(name) \(help)", "# TYPE \(name) \(type)"]
        lines += samples.map { sample in
            let labels = sample.labels.map { "\($0.key)=\"\(Self.escaping($0.value))\"" }
            let set = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
            return "\(name)\(set) \(Wording.number(sample.value))"
        }
    }

    private static func escaping(_ value: String) -> String {
        // By scalars: a carriage return and a newline are one character.
        value.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
