internal import ArgumentParser

/// A value of an option that says what it may be: where the parser itself refuses a text, it gives
/// no reason.
protocol ExplainedArgument: ExpressibleByArgument {
    /// What is accepted, as it follows the word "name": `a number above 0`.
    static var accepted: String { get }
}

extension ExplainedArgument {
    /// The value that a text stands for; the failure says what is accepted.
    @Sendable fileprivate static func required(_ text: String) throws -> Self {
        guard let value = Self(argument: text) else {
            throw ValidationError("name \(accepted)")
        }
        return value
    }
}

// A value is what follows the option, also where it begins with a dash: to be told what is
// accepted helps more than to be told that the value is missing.
extension Option {
    /// An option with a default, which its help shows.
    init(
        wrappedValue: Value, name: NameSpecification = .long, help: ArgumentHelp
    ) where Value: ExplainedArgument {
        var help = help
        help.abstract += " (default: \(wrappedValue.defaultValueDescription))"
        self.init(
            wrappedValue: wrappedValue, name: name, parsing: .unconditional, help: help,
            transform: Value.required)
    }

    /// An option that may be left out.
    init<T: ExplainedArgument>(
        name: NameSpecification = .long, help: ArgumentHelp
    ) where Value == T? {
        self.init(name: name, parsing: .unconditional, help: help, transform: T.required)
    }
}

extension Int64: ExplainedArgument {
    static var accepted: String { "a whole number" }
}
