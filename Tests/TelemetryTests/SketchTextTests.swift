import LogTail
import Testing

@testable import Telemetry

@Suite struct SketchTextTests {
    @Test func `a sketch reads back as it was written`() {
        var sketch = LatencySketch()
        for latency in [-3, 0, 1e-9, 0.25, 1, 612.5, 612.5, 1e15] { sketch.record(latency) }
        #expect(sketch.text.hasPrefix(#"{"-1280":3,"-128":1,"0":1,"#))
        #expect(LatencySketch(text: sketch.text) == sketch)
        #expect(LatencySketch(text: "{}") == LatencySketch())
    }

    @Test(arguments: [
        "", "{", "}", "[]", "null", #"{"1":0}"#, #"{"1":-1}"#, #"{"1":1.5}"#, #"{1:1}"#,
        #"{"a":1}"#, #"{"2561":1}"#, #"{"-1281":1}"#, #"{"1":9223372036854775807}"#, #"{"":1}"#,
        #"{"1":1:1}"#, #"{"1"}"#, #"{"1":}"#, #"{":":1}"#,
    ])
    func `anything else is refused`(text: String) {
        #expect(LatencySketch(text: text) == nil)
    }
}
