#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension UnsupportedNode {
  /// Describes a node of the file for the error that lists all that are unsupported.
  init(_ proto: ONNXNodeProto, name: String, opset: Int, isFunction: Bool) {
    var attributes = proto.attribute.map { "\(printable($0.name))=\(text($0))" }
    if let advice = advice(proto.opType) { attributes.append(advice) }
    if isFunction { attributes.append("a function that the file defines: export the model with functions inlined") }
    self.init(
      name: name, operator: printable(proto.opType),
      domain: isDefaultDomain(proto.domain) ? "" : printable(proto.domain), opset: opset, attributes: attributes)
  }
}

/// What to do about operators that exporters put where Fovea has nothing for them.
private func advice(_ operator: String) -> String? {
  switch `operator` {
  case "NonMaxSuppression", "TopK", "RoiAlign":
    "post-processing: export the network up to its raw boxes and scores, and do the rest afterwards"
  case "If", "Loop", "Scan": "control flow: export the model with fixed shapes, so that the exporter decides it"
  case "QuantizeLinear", "DequantizeLinear", "QLinearConv", "ConvInteger", "DynamicQuantizeLinear":
    "quantized already: export the model in float, and quantize with --calibrate"
  case "LSTM", "GRU", "RNN", "Attention": "not a convolutional network's"
  default: nil
  }
}

/// An attribute's value in a few characters.
private func text(_ attribute: ONNXAttributeProto) -> String {
  func list<Element>(_ elements: [Element], _ text: (Element) -> String) -> String {
    let shown = elements.prefix(8).map(text) + (elements.count > 8 ? ["..."] : [])
    return "[\(shown.joined(separator: ", "))]"
  }
  func quoted(_ bytes: Data) -> String {
    "\"\(printable(String(decoding: bytes.prefix(64), as: UTF8.self)))\""
  }
  if !attribute.refAttrName.isEmpty { return "@\(printable(attribute.refAttrName))" }
  if attribute.hasI { return "\(attribute.i)" }
  if attribute.hasF { return "\(attribute.f)" }
  if attribute.hasS { return quoted(attribute.s) }
  if attribute.hasT { return "tensor of shape \(list(attribute.t.dims) { "\($0)" })" }
  if attribute.hasSparseTensor { return "sparse tensor" }
  if attribute.hasG { return "subgraph" }
  if !attribute.floats.isEmpty { return list(attribute.floats) { "\($0)" } }
  if !attribute.strings.isEmpty { return list(attribute.strings, quoted) }
  return list(attribute.ints) { "\($0)" }
}
