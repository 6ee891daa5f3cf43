internal import ArgumentParser

/// A whole number from zero on.
struct Count: ExplainedArgument {
    static let accepted = "a whole number from 0 on"

    var value: Int

    var defaultValueDescription: String { String(value) }

    init(value: Int) {
        self.value = value
    }

    init?(argument: String) {
        guard let value = Int(argument), value >= 0 else { return nil }
        self.value = value
    }
}
