// swift-tools-version: 6.2
import PackageDescription

// Apart from the main package, so that nobody who builds that builds this.
let package = Package(
    name: "micro",
    dependencies: [.package(name: "logtail", path: "../..")],
    targets: [
        .executableTarget(
            name: "micro",
            dependencies: [
                .product(name: "Observers", package: "logtail"),
                .product(name: "LogTail", package: "logtail"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
