import FoveaCore
import FoveaKernels

/// The kernels that compute a model's steps, float matrix products of two computed matrices aside.
@safe
package struct StepKernels {
  package var int8: fovea_int8_kernels
  package var float: fovea_f32_kernels

  package init(int8: fovea_int8_kernels, float: fovea_f32_kernels) {
    unsafe self.int8 = unsafe int8
    unsafe self.float = unsafe float
  }

  /// The definition of every value.
  package static var portable: StepKernels { unsafe StepKernels(int8: fovea_int8_portable, float: fovea_f32_portable) }
}

extension InstructionSet {
  /// What sessions run with these instructions.
  package var stepKernels: StepKernels { unsafe StepKernels(int8: kernels, float: floatKernels) }
}

extension Executor {
  convenience init(program: Program, kernels: StepKernels, sgemm: @escaping fovea_sgemm_function) {
    unsafe self.init(program: program, kernels: kernels.int8, floatKernels: kernels.float, sgemm: sgemm)
  }
}
