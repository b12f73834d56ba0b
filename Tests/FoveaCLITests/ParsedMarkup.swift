import Foundation
import FoundationXML
import FoveaCLI

/// Markup as libxml2 reads it: a reader that is none of ours.
final class ParsedMarkup: NSObject, XMLParserDelegate {
  struct Element {
    var name: String
    var attributes: [String: String]
    /// Of the element and of those in it.
    var text = ""
  }

  /// In the order of their beginnings.
  private(set) var elements: [Element] = []
  /// Why it is not well formed; nil where it is.
  private(set) var failure: String?
  private var open: [Int] = []

  init(_ source: String) {
    super.init()
    let parser = XMLParser(data: Data("<root>\(source)</root>".utf8))
    parser.delegate = self
    if !parser.parse() { failure = "\(parser.parserError.map { "\($0)" } ?? ""), line \(parser.lineNumber)" }
    if !elements.isEmpty { elements.removeFirst() }
  }

  convenience init(_ markup: Markup) { self.init(markup.source) }

  /// The body of a page; its head has HTML's void elements, which are no XML.
  convenience init(bodyOf html: String) {
    let body = html.split(separator: "<body>", maxSplits: 1).last ?? ""
    self.init(String(body.split(separator: "</body>", maxSplits: 1).first ?? ""))
  }

  func all(_ name: String, class style: String? = nil) -> [Element] {
    elements.filter { $0.name == name && (style == nil || $0.attributes["class"] == style) }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    open.append(elements.count)
    elements.append(Element(name: name, attributes: attributes))
  }

  func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    open.removeLast()
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    for index in open { elements[index].text += string }
  }
}

extension ParsedMarkup.Element {
  /// A length in per cent, as a number.
  func percent(_ attribute: String) -> Double {
    guard let value = attributes[attribute], value.hasSuffix("%") else { return .nan }
    return Double(value.dropLast()) ?? .nan
  }

  func number(_ attribute: String) -> Double { attributes[attribute].flatMap(Double.init) ?? .nan }
}
