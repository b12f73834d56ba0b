/// A piece of HTML, or of SVG within it.
///
/// Nothing that a file or a user brings in can become an element: names of elements and attributes are literals of this
/// program, and every other string is escaped on its way in. There is no way to put in text as it is.
///
///     Markup.element("p", ["title": path], ["The model is ", .element("b", [name])])
package struct Markup: Sendable, ExpressibleByStringInterpolation {
  /// The escaped source.
  package let source: String

  private init(source: String) { self.source = source }

  /// Text, escaped.
  package static func text(_ text: String) -> Markup { Markup(source: escaped(text)) }

  /// Text, escaped: a literal may hold interpolated names.
  package init(stringLiteral text: String) { source = Self.escaped(text) }

  /// An element that may hold others; not one of HTML's void ones, such as `br`.
  package static func element(
    _ name: StaticString, _ attributes: KeyValuePairs<StaticString, String> = [:], _ children: [Markup] = []
  ) -> Markup {
    var source = "<\(name)"
    for (name, value) in attributes { source += " \(name)=\"\(escaped(value))\"" }
    source += ">"
    for child in children { source += child.source }
    return Markup(source: source + "</\(name)>")
  }

  /// Pieces one after another.
  package static func group(_ pieces: [Markup]) -> Markup { Markup(source: pieces.map(\.source).joined()) }

  /// Escaped for text and for attributes in double quotes. Control characters, of which HTML forbids most, become "?".
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in printable(text).unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}

/// A length in per cent of what it lies in, for attributes; shares outside of 0...1 are cut off, and no number is 0.
func percent(_ share: Double) -> String {
  "\(decimal(share.isFinite ? 100 * min(max(share, 0), 1) : 0, places: 3))%"
}
