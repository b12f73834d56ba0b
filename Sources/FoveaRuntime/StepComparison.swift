import FoveaCore
import FoveaKernels

/// A model's steps by some kernels beside the portable ones, each step given the inputs that the portable kernels computed: what one
/// step does otherwise is not laid at another's door, and a last bit of a float cannot grow into another 8-bit value.
struct StepComparison {
  /// How far a float step may be from the portable kernels', in parts of its largest value. What rounding explains is a hundredth of
  /// that: sums in another order give up to 2e-6 and Winograd's transformation 1e-5 (ResNet-50; five networks were measured). A
  /// single product too few among 25,088, VGG's longest sum and of random signs, gives more than it: its share of a usual sum
  /// is 1/158, and the largest value is some four usual ones.
  static let tolerance = 1e-3

  /// The first step that is not as it should be.
  private(set) var fault: VerificationFault?
  /// The largest difference of a step whose bits are not promised, in parts of its largest value.
  private(set) var largest = 0.0

  /// Each step runs in `parts`, as that many threads would share it, with the library's matrix products where there is one.
  init(_ program: Program, _ inputs: VerificationInputs, kernels: StepKernels, parts: Int) {
    let reference = unsafe Executor(program: program, kernels: .portable, sgemm: fovea_sgemm_portable)
    let sgemm = unsafe program.needsSgemm ? BLAS.sgemm : fovea_sgemm_portable
    let tested = unsafe Executor(program: program, kernels: kernels, sgemm: sgemm)
    unsafe inputs.forEachRun { fill in
      for port in program.inputs {
        unsafe fill(reference.bytes(of: port.buffer), program.buffers[port.buffer].type)
      }
      var written = Set(program.inputs.map(\.buffer))
      for (index, step) in program.steps.enumerated() {
        let (reads, writes) = step.buffers
        // Several steps may write one buffer. What none has written yet must not count among its largest values.
        for buffer in writes where written.insert(buffer).inserted {
          _ = unsafe reference.bytes(of: buffer).initializeMemory(as: UInt8.self, repeating: 0)
        }
        for buffer in reads + writes {
          unsafe tested.bytes(of: buffer).copyMemory(from: .init(reference.bytes(of: buffer)))
        }
        reference.run(step: index)
        for part in 0..<parts { tested.run(step: index, part: part, of: parts) }
        guard let output = writes.first else { continue }
        unsafe compare(tested.bytes(of: output), with: reference.bytes(of: output), step: index, of: program)
      }
    }
  }

  private mutating func compare(
    _ bytes: UnsafeMutableRawBufferPointer, with reference: UnsafeMutableRawBufferPointer, step index: Int,
    of program: Program
  ) {
    let step = program.steps[index]
    guard !program.isPromised(step), let output = step.buffers.writes.first else {
      if fault == nil, unsafe !bytes.elementsEqual(reference) { fault = .step(index) }
      return
    }
    let difference = unsafe relativeDifference(.init(bytes), from: .init(reference), of: program.buffers[output])
    largest = max(largest, difference)
    if fault == nil, difference > Self.tolerance { fault = .floatStep(index, by: difference) }
  }
}

/// The largest difference of two buffers' values in parts of the largest value of `reference`. Infinite where only one of the two has
/// a number, and where the reference is all zeros and the other is not.
func relativeDifference(
  _ bytes: UnsafeRawBufferPointer, from reference: UnsafeRawBufferPointer, of buffer: Buffer
) -> Double {
  func value(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Double {
    switch buffer.type {
    case .u8: unsafe Double(Int(bytes[index]) - buffer.zeroPoint)
    case .f32: unsafe Double(bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self))
    }
  }
  var (difference, largest) = (0.0, 0.0)
  for index in 0..<buffer.count {
    let (found, expected) = unsafe (value(bytes, index), value(reference, index))
    if expected.isFinite { largest = max(largest, abs(expected)) }
    if found == expected || found.isNaN && expected.isNaN { continue }
    let distance = abs(found - expected)
    guard distance.isFinite else { return .infinity }
    difference = max(difference, distance)
  }
  return difference == 0 ? 0 : difference / largest
}
