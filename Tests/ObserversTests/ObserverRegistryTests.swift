import Foundation
import TestSupport
import Testing

@testable import Observers

/// What holds for every observer, whatever it reads.
@Suite struct ObserverRegistryTests {
    @Test func `names and sources are unique and fit a command line`() {
        let descriptors = ObserverRegistry.all.map { $0.descriptor }
        #expect(Set(descriptors.map(\.name)).count == descriptors.count)
        #expect(Set(descriptors.map(\.source)).count == descriptors.count)
        for descriptor in descriptors {
            for word in [descriptor.name, descriptor.source] {
                #expect(!word.isEmpty)
                #expect(word.allSatisfy { "abcdefghijklmnopqrstuvwxyz0123456789-".contains($0) })
            }
        }
    }

    @Test func `every observer is found by its name, and nothing else is`() {
        for observer in ObserverRegistry.all {
            #expect(ObserverRegistry.observer(named: observer.descriptor.name) == observer)
        }
        for name in ["", "Headroom", "headroom ", "unknown"] {
            #expect(ObserverRegistry.observer(named: name) == nil)
        }
    }

    @Test func `every summary is one sentence, every field and limit is given`() {
        for descriptor in ObserverRegistry.all.map({ $0.descriptor }) {
            #expect(descriptor.summary.first?.isUppercase == true)
            #expect(descriptor.summary.hasSuffix("."))
            #expect(!descriptor.summary.contains("\n") && descriptor.summary.utf8.count <= 80)
            #expect(!descriptor.fields.isEmpty)
            #expect(descriptor.fields.allSatisfy { !$0.isEmpty && !$0.contains("\n") })
            #expect(descriptor.marker?.isEmpty != true)
            #expect(descriptor.marker?.contains("\n") != true)
            #expect(descriptor.thresholdMilliseconds > 0)
            #expect(descriptor.quietMilliseconds >= 50)
            #expect(descriptor.latenessMilliseconds >= 0)
            let home = descriptor.usualPaths(["HOME": "/home/me"])
            #expect(!home.isEmpty)
            #expect(home.allSatisfy { $0.hasPrefix("/") })
        }
    }

    @Test func `every observer has a folder of real logs with expected observations`() throws {
        let fixtures = try Fixture.all()
        for observer in ObserverRegistry.all {
            let own = fixtures.filter { $0.observer == observer }
            #expect(!own.isEmpty)
            for fixture in own {
                #expect(FileManager.default.fileExists(atPath: fixture.expected.path))
            }
        }
    }

    @Test(arguments: ObserverRegistry.all.map { $0.descriptor.name })
    func `survives every byte and random bytes`(_ name: String) throws {
        let type = try #require(ObserverRegistry.observer(named: name))
        var observer = type.init(ObserverOptions())
        let marker = Array((type.descriptor.marker ?? "").utf8)
        _ = observer.observe([UInt8]().span)
        for byte in UInt8.min...UInt8.max {
            for line in [[byte], marker + [byte], marker + [UInt8(ascii: "{"), byte]] {
                _ = observer.observe(line.span)
            }
        }
        var random = SeededGenerator(for: "random lines for \(name)")
        for round in 0..<3_000 {
            let count = Int.random(in: 0...120, using: &random)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let line = round % 2 == 0 ? bytes : marker + bytes
            _ = observer.observe(line.span)
        }
    }

    /// Each line is cut at every sixteenth byte, so that every sixteen alike are cut at each.
    @Test(arguments: try Fixture.all())
    func `survives real lines cut short at any byte`(_ fixture: Fixture) throws {
        var observer = fixture.observer.init(ObserverOptions(zone: fixture.zone))
        for (index, line) in try fixture.lines().enumerated() {
            for end in stride(from: index % 16, through: line.bytes.count, by: 16) {
                _ = observer.observe(Array(line.bytes[..<end]).span)
            }
        }
    }

    @Test(arguments: try Fixture.all())
    func `survives real lines with random bytes changed`(_ fixture: Fixture) throws {
        var random = SeededGenerator(for: "mutated lines of \(fixture.name)")
        var observer = fixture.observer.init(ObserverOptions(zone: fixture.zone))
        for line in try fixture.lines() {
            var bytes = line.bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.insert(bytes[bytes.count - 1 - index], at: index)
                default: bytes.remove(at: index)
                }
            }
            let reading = observer.observe(bytes.span)
            guard case .observation(let observation) = reading.outcome else { continue }
            #expect(observation.latencyMilliseconds.isFinite)
            #expect(observation.queuedMilliseconds.isFinite)
            #expect(
                (0..<observation.stages.count).allSatisfy {
                    observation.stages[$0].milliseconds.isFinite
                })
        }
    }

    @Test func `observing a line is not changed by the lines before it, but for its clock`() throws
    {
        for fixture in try Fixture.all() {
            let lines = try fixture.lines().prefix(40)
            var one = fixture.observer.init(ObserverOptions(zone: fixture.zone))
            for line in lines {
                var fresh = fixture.observer.init(ObserverOptions(zone: fixture.zone))
                #expect(kind(one.observe(line.bytes.span)) == kind(fresh.observe(line.bytes.span)))
            }
        }
    }

    private func kind(_ reading: FullReading) -> String {
        switch reading.outcome {
        case .irrelevant: "irrelevant"
        case .unparsed(let reason): "\(reason)"
        case .observation(let observation):
            "\(observation.latencyMilliseconds) \(observation.stages.count)"
        }
    }
}
