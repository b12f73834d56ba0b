import SwiftProtobuf

/// The versions of ONNX's own operators that can be imported. 7 (2018) is the first with NumPy's broadcasting; a newer version
/// than the last may change what an operator means, so it is refused until somebody has read its changes.
package let supportedOpsets: ClosedRange<Int64> = 7...28

/// Decodes the protocol buffer of an ONNX file. The decoder limits nesting and checks every length.
func parseModel(_ bytes: [UInt8], file: String) throws(ConversionError) -> ONNXModelProto {
  var options = BinaryDecodingOptions()
  options.discardUnknownFields = true
  do {
    return try ONNXModelProto(serializedBytes: bytes, options: options)
  } catch BinaryDecodingError.truncated {
    throw .malformed(file: file, reason: "not an ONNX model, or one that is cut short")
  } catch {
    throw .malformed(file: file, reason: "not an ONNX model: the protocol buffer is damaged")
  }
}

/// The version of ONNX's own operators that the model's nodes mean.
func defaultOpset(of model: ONNXModelProto, file: String) throws(ConversionError) -> Int {
  guard model.hasGraph else { throw .malformed(file: file, reason: "not an ONNX model: it has no graph") }
  let versions = Set(model.opsetImport.filter { isDefaultDomain($0.domain) }.map(\.version))
  guard let version = versions.first else {
    throw .malformed(file: file, reason: "the model does not say which version (opset) of ONNX's operators it uses")
  }
  guard versions.count == 1 else {
    throw .malformed(file: file, reason: "the model names several versions (opsets) of ONNX's operators")
  }
  guard version >= supportedOpsets.lowerBound else {
    throw .invalidNetwork(
      file: file,
      reason: "opset \(version) is older than \(supportedOpsets.lowerBound), the oldest that is supported; "
        + "export the model again, or upgrade it with onnx.version_converter")
  }
  guard version <= supportedOpsets.upperBound else {
    throw .invalidNetwork(
      file: file,
      reason: "opset \(version) is newer than \(supportedOpsets.upperBound), the newest that is supported; "
        + "export the model with an older opset")
  }
  return Int(version)
}

/// Whether a node's or an opset's domain is ONNX's own.
func isDefaultDomain(_ domain: String) -> Bool {
  domain.isEmpty || domain == "ai.onnx"
}

/// A name from the file as a message can show it: on one line and of bounded length.
func printable(_ text: String) -> String {
  let scalars = text.unicodeScalars.prefix(200).map { $0.properties.generalCategory == .control ? "?" : $0 }
  return String(String.UnicodeScalarView(scalars)) + (text.unicodeScalars.count > 200 ? "..." : "")
}
