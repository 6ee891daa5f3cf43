import Foundation
import Glibc
import TestSupport

/// An sshd of a test's own on a port of the loopback, with a throw-away host key, one user key and
/// a PATH on which `logtail` is the built program.
final class LocalSSHServer {
    static let isAvailable = [sshd, "/usr/bin/ssh", "/usr/bin/ssh-keygen"]
        .allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }

    /// The command that connects to it, under the name `there`.
    let command: String

    private static let sshd = "/usr/sbin/sshd"
    private let folder: TemporaryFolder
    private var process: ChildProcess?

    struct Failure: Error {
        let log: String
    }

    init() throws {
        folder = try TemporaryFolder()
        command = "ssh -F \(folder("ssh_config"))"
        for key in ["host", "user"] {
            _ = try BuiltCommand.run(
                program: "/usr/bin/ssh-keygen",
                ["-q", "-t", "ed25519", "-N", "", "-f", folder(key)])
        }
        try FileManager.default.createDirectory(
            atPath: folder("bin"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: folder("bin/logtail"), withDestinationPath: BuiltCommand.path)
        if geteuid() == 0 {
            // sshd wants this folder of root's; a service that never ran has not made it.
            try FileManager.default.createDirectory(
                atPath: "/run/sshd", withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o755])
        }
        // Another program may take a port between the look and the use of it.
        for _ in 0..<5 {
            if try start(port: try Self.freePort()) { return }
        }
        throw Failure(log: log)
    }

    private var log: String { (try? String(contentsOfFile: folder("log"), encoding: .utf8)) ?? "" }

    /// Starts the server; false where it did not come up.
    private func start(port: UInt16) throws -> Bool {
        try """
        Port \(port)
        ListenAddress 127.0.0.1
        HostKey \(folder("host"))
        AuthorizedKeysFile \(folder("user.pub"))
        StrictModes no
        UsePAM no
        PasswordAuthentication no
        PermitRootLogin prohibit-password
        PidFile none
        SetEnv PATH=\(folder("bin")):/usr/bin:/bin TZ=UTC
        """.write(toFile: folder("sshd_config"), atomically: true, encoding: .utf8)
        let hostKey = try String(contentsOfFile: folder("host.pub"), encoding: .utf8)
        try "[127.0.0.1]:\(port) \(hostKey)"
            .write(toFile: folder("known_hosts"), atomically: true, encoding: .utf8)
        try """
        Host there
          HostName 127.0.0.1
          Port \(port)
          IdentityFile \(folder("user"))
          IdentitiesOnly yes
          UserKnownHostsFile \(folder("known_hosts"))
          StrictHostKeyChecking yes
          BatchMode yes
          LogLevel ERROR
        """.write(toFile: folder("ssh_config"), atomically: true, encoding: .utf8)
        let process = try ChildProcess(
            [Self.sshd, "-D", "-f", folder("sshd_config"), "-E", folder("log")], environment: [:],
            output: folder("output"), errors: folder("errors"))
        self.process = process
        let deadline = ContinuousClock.now + .seconds(10)
        while process.isRunning, ContinuousClock.now < deadline {
            if log.contains("Server listening") { return true }
            sched_yield()
        }
        return false
    }

    private static func freePort() throws -> UInt16 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        // SAFETY: the address is as large as its size says, and outlives the calls.
        let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            // SAFETY: a sockaddr_in is a sockaddr to the socket calls.
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe bind(socket, pointer, size) + getsockname(socket, pointer, &size)
            }
        }
        guard result == 0 else { throw Failure(log: "no free port") }
        return UInt16(bigEndian: address.sin_port)
    }
}
