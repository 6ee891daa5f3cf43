/// What tells one start of the machine from another.
public enum MachineStart {
    /// The kernel's random identifier of this start (random(4)); empty where it has none.
    public static var identifier: String {
        var bytes = [UInt8](repeating: 0, count: 64)
        guard let file = try? FileDescriptor(openingToRead: "/proc/sys/kernel/random/boot_id"),
            let count = try? file.read(into: &bytes, 0..<bytes.count, at: 0)
        else { return "" }
        return String(decoding: bytes[..<count].prefix { $0 > 0x20 }, as: UTF8.self)
    }
}
