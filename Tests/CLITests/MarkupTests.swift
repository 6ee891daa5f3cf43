import Testing

@testable import CLI

@Suite struct MarkupTests {
    private static let hostile = #"<script>alert("1")</script>&'x'"# + "\u{0}\u{1b}[31m\u{202e}"

    @Test func `whatever a log says stays text, in elements and in attributes`() {
        var markup = Markup()
        markup.element("p", ["title": Self.hostile], Self.hostile)
        let escaped =
            "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;x&#39;"
            + #"\u{0}\u{1b}[31m\u{202e}"#
        #expect(markup.text == "<p title=\"\(escaped)\">\(escaped)</p>")
    }

    @Test func `a combining mark does not hide the character before it`() {
        #expect(Markup.escaping("<\u{301}b>") == "&lt;\u{301}b&gt;")
    }

    @Test func `a name may be broken after its underscores`() {
        var markup = Markup()
        markup.append(name: "_read_<request>_")
        #expect(markup.text == "_<wbr>read_<wbr>&lt;request&gt;_<wbr>")
    }

    @Test func `elements nest, and those that hold nothing are not closed`() {
        var markup = Markup()
        markup.element("svg") { markup in
            markup.shape("rect", ["x": "1%"])
            markup.void("meta", ["charset": "utf-8"])
        }
        #expect(markup.text == #"<svg><rect x="1%"></rect><meta charset="utf-8"></svg>"#)
    }
}
