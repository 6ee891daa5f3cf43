import FuzzTargets
import Glibc

/// The target that `LOGTAIL_FUZZ_TARGET` names.
private let target: FuzzTarget = {
    // SAFETY: nothing changes the environment of a fuzzer.
    let name = unsafe getenv("LOGTAIL_FUZZ_TARGET").map { unsafe String(cString: $0) }
    guard let target = name.flatMap(FuzzTarget.init) else {
        preconditionFailure("LOGTAIL_FUZZ_TARGET has to name one of \(FuzzTarget.allCases)")
    }
    return target
}()

/// What libFuzzer calls with each input (llvm.org/docs/LibFuzzer.html); a trap is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    // SAFETY: libFuzzer gives `count` bytes for the time of the call.
    let input = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
    if let finding = target.finding(in: input) { preconditionFailure(finding) }
    return 0
}
