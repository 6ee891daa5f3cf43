import Testing

@testable import CLI

@Suite struct ChartTests {
    private let blocks = Chart(hasBlocks: true)
    private let plain = Chart(hasBlocks: false)

    @Test func `a line has a character for each value, gaps where there is none`() {
        let values: [Double?] = [0, 12.5, nil, 50, 100]
        #expect(blocks.line(values, width: 8, maximum: 100) == "▁▁ ▄█")
        #expect(plain.line(values, width: 8, maximum: 100) == ".. -#")
        #expect(plain.line([nil, 1, nil], width: 8, maximum: 1) == " #")
    }

    @Test func `a narrow line shows the largest of the values that share a character`() {
        #expect(plain.line([0, 100, 0, 0, nil, nil, 50, nil], width: 4, maximum: 100) == "#. -")
        #expect(plain.line([0, 0, 0, 0, 100], width: 2, maximum: 100) == ".#")
    }

    @Test func `a line of nothing is empty, one of zeros is low`() {
        #expect(blocks.line([], width: 8, maximum: 0) == "")
        #expect(blocks.line([nil, nil], width: 8, maximum: 0) == "")
        #expect(blocks.line([0, 0], width: 8, maximum: 0) == "▁▁")
    }

    @Test func `a bar is as long as its share of the width, and any value but 0 shows`() {
        #expect(blocks.bar(100, width: 4, maximum: 100) == "████")
        #expect(blocks.bar(50, width: 4, maximum: 100) == "██")
        #expect(blocks.bar(40, width: 4, maximum: 100) == "█▋")
        #expect(blocks.bar(0.001, width: 4, maximum: 100) == "▏")
        #expect(blocks.bar(0, width: 4, maximum: 100) == "")
        #expect(plain.bar(50, width: 4, maximum: 100) == "##")
        #expect(plain.bar(0.001, width: 4, maximum: 100) == "#")
    }

    @Test(arguments: [1, 7, 8, 31, 32, 33])
    func `no chart is wider than it may be`(width: Int) {
        for chart in [blocks, plain] {
            #expect(
                chart.line(Array(repeating: 5, count: 100), width: width, maximum: 5).count == width
            )
            #expect(chart.bar(7, width: width, maximum: 5).count == width)
        }
    }
}
