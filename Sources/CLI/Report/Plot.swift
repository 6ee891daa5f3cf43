internal import Foundation

/// A chart's frame: an axis of values on the left, and a drawing as wide as the page lets it be.
///
/// Widths are in percent and heights in pixels, so that one drawing fits a phone and a wide
/// screen while its letters and lines keep their size, without a script that measures anything.
struct Plot {
    /// What the drawing shows, for who cannot see it.
    let label: String
    /// Pixels from the top of the drawing to its bottom, with the axis of time or values.
    let height: Double
    /// The part of it that an axis of values goes along, from its upper to its lower end.
    let band: ClosedRange<Double>

    /// Pixels below the band for an axis with one line of letters, or with two.
    static let axisHeight = 24.0
    static let timeAxisHeight = 40.0

    /// Where a share of the width lies: `12.5%`.
    static func percent(_ fraction: Double) -> String { number(fraction * 100) + "%" }

    /// A length in pixels, to a hundredth.
    static func number(_ value: Double) -> String {
        let text = String(format: "%.2f", value)
        guard text.hasSuffix("0") else { return text }
        return String(text.hasSuffix(".00") ? text.dropLast(3) : text.dropLast(1))
    }

    /// Where a share of the band's height lies, from its lower end.
    func y(_ fraction: Double) -> Double {
        band.upperBound - fraction * (band.upperBound - band.lowerBound)
    }

    /// Appends the frame with what `body` draws into it.
    func draw(
        into markup: inout Markup, _ scale: some Scale, _ name: (Double) -> String,
        _ body: (inout Markup) -> Void
    ) {
        let height = Self.number(height)
        let ticks = scale.ticks.map { (y: y(scale.fraction(of: $0)), name: name($0)) }
        markup.element("div", ["class": "plot"]) { markup in
            markup.element("svg", ["class": "values", "height": height, "aria-hidden": "true"]) {
                for tick in ticks {
                    $0.element(
                        "text", ["x": "100%", "dx": "-8", "y": Self.number(tick.y + 4)], tick.name)
                }
            }
            markup.element(
                "svg",
                ["class": "drawing", "height": height, "role": "img", "aria-label": label]
            ) { markup in
                for tick in ticks { Self.rule(y: tick.y, "grid", into: &markup) }
                body(&markup)
            }
        }
        markup.newLine()
    }

    /// Appends a line across the drawing.
    static func rule(y: Double, _ style: String, into markup: inout Markup) {
        let y = number(y)
        markup.shape("line", ["class": style, "x1": "0", "x2": "100%", "y1": y, "y2": y])
    }

    /// Appends the mark of a place on an axis, from `top` down.
    static func tick(_ fraction: Double, top: Double, into markup: inout Markup) {
        let x = percent(fraction)
        markup.shape(
            "line",
            ["class": "tick", "x1": x, "x2": x, "y1": number(top), "y2": number(top + 5)])
    }

    /// Appends the name of a place on an axis. Near an end of it letters would be cut off.
    static func name(
        _ text: String, _ fraction: Double, y: Double, _ style: String, into markup: inout Markup
    ) {
        let anchor = fraction < 0.02 ? "start" : fraction > 0.94 ? "end" : "middle"
        markup.element(
            "text",
            [
                "class": style, "x": percent(fraction), "y": number(y), "text-anchor": anchor,
            ], text)
    }

    /// The width between two places as ``percent(_:)`` rounds them, so that neighbours meet.
    static func width(_ x: ClosedRange<Double>) -> String {
        func rounded(_ fraction: Double) -> Double { (fraction * 10_000).rounded() }
        return percent((rounded(x.upperBound) - rounded(x.lowerBound)) / 10_000)
    }

    /// Appends a rectangle between two shares of the width, at least a pixel high so that it
    /// shows.
    static func box(
        _ x: ClosedRange<Double>, top: Double, bottom: Double, _ style: String,
        into markup: inout Markup
    ) {
        markup.shape(
            "rect",
            [
                "class": style, "x": percent(x.lowerBound),
                "width": width(x), "y": number(min(top, bottom - 1)),
                "height": number(max(bottom - top, 1)),
            ])
    }

    /// Appends what shows while a pointer rests on a part of the drawing.
    func hint(_ x: ClosedRange<Double>, _ text: String, into markup: inout Markup) {
        markup.element(
            "rect",
            [
                "class": "hint", "x": Self.percent(x.lowerBound),
                "width": Self.width(x), "y": "0",
                "height": Self.number(band.upperBound),
            ]
        ) { $0.element("title", text) }
    }
}
