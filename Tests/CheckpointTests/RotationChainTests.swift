import Testing

@testable import Checkpoint

/// Which names belong to a log, and which of them is older.
@Suite struct RotationChainTests {
    private let chain = RotationChain(base: "proxy.log")

    @Test(arguments: [
        "proxy.log.1", "proxy.log.01", "proxy.log.99999", "proxy.log.3.gz", "proxy.log.old",
        "proxy.log-20260613", "proxy.log-20260613.gz", "proxy.log-2026061308",
        "proxy.log-1795226331", "proxy.log.2026-06-13", "proxy.log.2026-06-13_08-30-01",
        "proxy.log.20260613T083001Z.gz", "proxy.1.log", "proxy.12.log.gz", "proxy-20260613.log",
        "proxy-2026-06-13-3.log.gz", "proxy_20260613.log", "proxy.log_20260613",
        "proxy.log.2026.06.13", "proxy_2026_06_13.log", "proxy.log-20260613083001",
        "proxy.log-20260613-1795226331", "proxy.log.2026-06-13T08:30:01+02:00",
    ])
    func `a rotated file belongs to its log`(_ name: String) {
        #expect(chain.sibling(named: name) != nil)
        #expect(RotationChain.bases(of: name).contains("proxy.log"))
    }

    @Test(arguments: [
        "proxy.log", "proxy.log.gz", "proxy.log.", "proxy.log.1x", "proxy.log.x1", "proxy.log.tmp",
        "proxy.log.123456", "proxy.log-1", "proxy.log-20261313", "proxy.log-20260632",
        "proxy.log-202606", "proxy-8787.log", "proxy-stdio-8787.log", "xproxy.log.1",
        "proxy.log.1.zip", "proxy.log1", "proxy..log", "proxy.log.-1", "proxy.log.1.2", "",
        "proxy.log.0000-00-00", "proxy.log-19691231", "proxy.log.swp", "other.log.1",
        "proxy.log.zst",
        // Ports with process ids, and numbers that only begin like dates.
        "proxy-2000-10123.log", "proxy-2000-1012.log", "proxy-2010-121234.log",
        "proxy-2000-10-123.log", "proxy-20-001012.log", "proxy-200010-12.log",
        "proxy.log.2026-06.13", "proxy.log-202606131", "proxy.log-20260613083-1",
        "proxy.log-2026061324", "proxy.log-202606130860",
    ])
    func `another file does not`(_ name: String) {
        #expect(chain.sibling(named: name) == nil)
    }

    @Test(arguments: [
        ["proxy.log.10", "proxy.log.9", "proxy.log.2.gz", "proxy.log.1"],
        ["proxy.log-20251231", "proxy.log-20260101.gz", "proxy.log-20260613"],
        ["proxy.log.2026-06-13_08-30-01", "proxy.log.2026-06-13_08-30-02"],
        ["proxy.log.20260613T083001Z.gz", "proxy.log.20260613T083002Z"],
        ["proxy.10.log", "proxy.2.log.gz", "proxy.1.log"],
        ["proxy-2026-06-13-9.log", "proxy-2026-06-13-10.log", "proxy-2026-06-14-1.log"],
        ["proxy.log-20260613", "proxy.log-2026061301"],
        ["proxy.log-1795226331", "proxy.log-1795226400"],
        ["proxy.log-20260613", "proxy.log.2", "proxy.log.1"],
    ])
    func `what was rotated further is older`(_ names: [String]) {
        for _ in 0..<5 {
            #expect(chain.siblings(among: names.shuffled()).map(\.name) == names)
        }
    }

    @Test func `of a file and its compressed form only the file counts`() {
        for names in [["proxy.log.1", "proxy.log.1.gz"], ["proxy.log.1.gz", "proxy.log.1"]] {
            #expect(chain.siblings(among: names).map(\.name) == ["proxy.log.1"])
        }
    }

    @Test(arguments: [
        ("proxy.log.1.gz", RotationChain.Compression.gzip), ("proxy.log.2.zst", .foreign("zstd")),
        ("proxy-20260613.log.bz2", .foreign("bzip2")), ("proxy.1.log.xz", .foreign("xz")),
        ("proxy.log-20260613.lz4", .foreign("lz4")), ("proxy.log.1", nil),
    ])
    func `its last suffix tells how a rotated file is compressed`(
        _ name: String, _ compression: RotationChain.Compression?
    ) {
        #expect(chain.sibling(named: name)?.compression == compression)
        #expect(RotationChain.bases(of: name).contains("proxy.log"))
    }

    @Test func `of a file in two forms the one that can be read counts`() {
        for names in [["proxy.log.1.gz", "proxy.log.1.xz"], ["proxy.log.1.xz", "proxy.log.1.gz"]] {
            #expect(chain.siblings(among: names).map(\.name) == ["proxy.log.1.gz"])
        }
        let names = ["proxy.log.3.zst", "proxy.log.2.gz", "proxy.log.1.bz2"]
        #expect(chain.siblings(among: names.reversed()).map(\.name) == names)
    }

    @Test func `a log without a dot has siblings too`() {
        let chain = RotationChain(base: "syslog")
        let names = ["syslog.2.gz", "syslog.1"]
        #expect(chain.siblings(among: names + ["syslogd.1"]).map(\.name) == names)
    }

    @Test func `a hidden log is no suffix alone`() {
        #expect(RotationChain(base: ".log").sibling(named: ".log.1") != nil)
        #expect(RotationChain(base: ".log").sibling(named: "x.1.log") == nil)
    }
}
