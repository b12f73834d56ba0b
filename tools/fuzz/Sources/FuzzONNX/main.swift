import CLibFuzzer
import FoveaConvert

/// Converts the bytes as an ONNX file, to float and (where it is quantized already) to 8 bits. Any error will do; a trap, a read
/// or write outside of memory, a hang or too much memory will not.
// libFuzzer's own main, which is linked and not called, wants the name.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzONNX(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
  do throws(ConversionError) {
    let network = try importONNX(bytes: bytes, source: "fuzz.onnx")
    _ = try convert(network, options: ConversionOptions(precision: network.isQuantized ? .int8 : .float))
  } catch {
    // Messages are made of what the file says.
    precondition(!error.description.isEmpty)
  }
  return 0
}

var argumentCount = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
_ = unsafe LLVMFuzzerRunDriver(&argumentCount, &arguments, fuzzONNX)
