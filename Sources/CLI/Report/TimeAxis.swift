internal import Observers

/// The times below a chart: a tick at each round time, with the day where it begins to be
/// another. On a narrow page every second one is left out.
struct TimeAxis {
    private struct Tick {
        let fraction: Double
        let name: String
        /// The day or year that the name is of, where it was not said before; as it is on a wide
        /// page and on a narrow one.
        var wide: String?
        var narrow: String?
    }

    private let ticks: [Tick]

    private static let mostTicks: Int64 = 8

    init(_ window: ReportWindow) {
        let scale = TimeScale(window: window.minutes)
        let step = TimeStep.fitting(window.minutes, atMost: Self.mostTicks)
        let minutes = step.boundaries(of: window.minutes, in: window.zone)
            .filter { window.minutes.lowerBound...window.minutes.upperBound ~= $0 }
        var said: (wide: String?, narrow: String?)
        ticks = minutes.enumerated().map { index, minute in
            let time = window.local(minute)
            let (name, context) = Self.names(time, step)
            var tick = Tick(fraction: scale.fraction(ofMinute: minute), name: name)
            if said.wide != context { tick.wide = context }
            said.wide = context
            if index.isMultiple(of: 2) {
                if said.narrow != context { tick.narrow = context }
                said.narrow = context
            }
            return tick
        }
    }

    private static func names(_ time: CivilTime, _ step: TimeStep) -> (String, String) {
        if step.isWithinDay { return (ReportWindow.clock(time), ReportWindow.shortDay(time)) }
        let name = step.isMonths ? ReportWindow.month(time) : ReportWindow.shortDay(time)
        return (name, String(time.year))
    }

    /// Appends the ticks, from `top` down.
    func draw(top: Double, into markup: inout Markup) {
        for (index, tick) in ticks.enumerated() {
            func name(_ text: String, y: Double, _ style: String) {
                Plot.name(text, tick.fraction, y: y, style, into: &markup)
            }
            Plot.tick(tick.fraction, top: top, into: &markup)
            name(tick.name, y: top + 17, index.isMultiple(of: 2) ? "" : "wide")
            if let text = tick.wide, text == tick.narrow {
                name(text, y: top + 32, "day")
            } else {
                if let text = tick.wide { name(text, y: top + 32, "day wide") }
                if let text = tick.narrow { name(text, y: top + 32, "day narrow") }
            }
        }
    }
}
