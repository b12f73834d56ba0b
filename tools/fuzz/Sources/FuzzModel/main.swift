import CLibFuzzer
import Fovea

/// Opens the bytes as a model file and runs it: what the validation accepts must run inside its memory.
// libFuzzer's own main, which is linked and not called, wants the name.
@_cdecl("LLVMFuzzerTestOneInput")
func fuzzModel(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
  do throws(FoveaError) {
    let model = try Model(bytes: sealed(bytes), name: "fuzz.fovea")
    _ = (model.labels, model.macs, model.preprocessing)
    let session = try Session(model)
    for (index, input) in model.inputs.enumerated() {
      try session.setInput(index, to: (0..<input.count).map { Float($0 % 7) - 3 })
    }
    // A network of a thousand steps over the largest buffers is valid, and no fuzzer waits for it.
    guard model.macs < 1 << 26 else { return 0 }
    session.run()
    for index in model.outputs.indices { _ = try session.output(index) }
  } catch {
    precondition(!error.description.isEmpty)
  }
  return 0
}

var argumentCount = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
_ = unsafe LLVMFuzzerRunDriver(&argumentCount, &arguments, fuzzModel)
