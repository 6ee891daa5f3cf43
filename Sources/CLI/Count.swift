internal import ArgumentParser

/// A whole number from zero on.
struct Count: ExpressibleByArgument {
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
