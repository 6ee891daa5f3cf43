import Glibc
import Syscalls

@testable import LogTail

/// What is read of an archive in small steps, beside what is read of it at once.
enum GzipReading {
    /// A few bytes can stand for gigabytes; this much tells enough.
    private static let mostBytes = 1 << 18

    static func finding(in input: [UInt8]) -> String? {
        do throws(SystemCallError) {
            let whole = try read(input, step: mostBytes)
            for step in [1 + input.count % 7, 4_096] {
                let other = try read(input, step: step)
                let common = min(whole.bytes.count, other.bytes.count)
                guard whole.bytes[..<common] == other.bytes[..<common] else {
                    return "other bytes in steps of \(step)"
                }
                guard common == mostBytes || whole == other else {
                    return "another end in steps of \(step)"
                }
            }
            return nil
        } catch {
            return error.description
        }
    }

    private struct Outcome: Equatable {
        var bytes: [UInt8] = []
        var failure: String?
        var mayGrow = false
    }

    private static func read(_ archive: [UInt8], step: Int) throws(SystemCallError) -> Outcome {
        let reader = GzipReader(try file(holding: archive))
        var outcome = Outcome()
        var room = [UInt8](repeating: 0, count: step)
        while outcome.bytes.count < mostBytes {
            let count = try reader.read(into: &room, 0..<step, at: Int64(outcome.bytes.count))
            guard count > 0 else { break }
            outcome.bytes += room[..<count]
        }
        outcome.bytes = Array(outcome.bytes.prefix(mostBytes))
        outcome.failure = reader.takeFailure()
        outcome.mayGrow = reader.mayGrow
        return outcome
    }

    /// A file without a name that holds `bytes`.
    private static func file(holding bytes: [UInt8]) throws(SystemCallError) -> FileDescriptor {
        var name = Array("/tmp/logtail-archive-XXXXXX".utf8CString)
        // SAFETY: the name is a string of its own, which the call fills in.
        let number = unsafe name.withUnsafeMutableBufferPointer { buffer in
            guard let path = buffer.baseAddress else { return CInt(-1) }
            let number = unsafe mkstemp(path)
            unsafe unlink(path)
            return number
        }
        guard number >= 0 else { throw SystemCallError("mkstemp") }
        let descriptor = FileDescriptor(owning: number)
        // SAFETY: the bytes outlive the call.
        let written = unsafe bytes.withUnsafeBytes { buffer in
            unsafe Glibc.pwrite(number, buffer.baseAddress, buffer.count, 0)
        }
        guard written == bytes.count else { throw SystemCallError("pwrite") }
        return descriptor
    }
}
