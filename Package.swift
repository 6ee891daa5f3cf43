// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "logtail",
    products: [
        .executable(name: "logtail", targets: ["CLI"]),
        .library(name: "LogTail", targets: ["LogTail"]),
        .library(name: "Observers", targets: ["Observers"]),
        .library(name: "Checkpoint", targets: ["Checkpoint"]),
    ],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .target(name: "CLinux"),
        .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CNettle", providers: [.apt(["nettle-dev"])]),

        .target(name: "Syscalls", dependencies: ["CLinux"], swiftSettings: strict),
        .target(name: "Observers", swiftSettings: strict),
        .target(name: "Checkpoint", dependencies: ["CNettle"], swiftSettings: strict),
        .target(
            name: "LogTail",
            dependencies: ["Observers", "Checkpoint", "Syscalls", "CZlib"],
            swiftSettings: strict),
        .target(
            name: "Telemetry",
            dependencies: [
                "LogTail", "Observers", "Checkpoint", "Syscalls", "CSQLite",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .target(
            name: "Bus",
            dependencies: [
                "Telemetry", "LogTail", "Observers", "Checkpoint", "Syscalls", "CZlib",
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "CLI",
            dependencies: [
                "LogTail", "Observers", "Checkpoint", "Syscalls", "Telemetry", "Bus",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
        .testTarget(
            name: "SyscallsTests", dependencies: ["Syscalls", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ObserversTests", dependencies: ["Observers", "FuzzTargets", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "CheckpointTests", dependencies: ["Checkpoint", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "LogTailTests",
            dependencies: ["LogTail", "Observers", "Checkpoint", "Syscalls", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "TelemetryTests",
            dependencies: [
                "Telemetry", "LogTail", "Observers", "Checkpoint", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "BusTests",
            dependencies: [
                "Bus", "Telemetry", "LogTail", "Observers", "Checkpoint", "Syscalls", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CLITests",
            dependencies: [
                "CLI", "Telemetry", "LogTail", "Observers", "Checkpoint", "Syscalls", "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "CLI", "Observers", "Syscalls", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "LogTail", "Observers", "Checkpoint", "Syscalls", "CZlib", "TestSupport",
            ],
            exclude: ["README.md"],
            swiftSettings: strict),

        .target(
            name: "FuzzTargets",
            dependencies: ["Bus", "LogTail", "Observers", "Checkpoint", "Syscalls"],
            path: "Tests/FuzzTargets", swiftSettings: strict),
        .testTarget(
            name: "FuzzTests", dependencies: ["FuzzTargets"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)

// Only libFuzzer has a main function for it; see scripts/fuzz.
if Context.environment["LOGTAIL_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzzer", dependencies: ["FuzzTargets"], path: "Tests/Fuzzer",
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
}
