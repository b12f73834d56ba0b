import FoveaCore
import FoveaRuntime
import Glibc
import Testing

/// The environment's `FOVEA_ISA`. In processes of their own, for the environment is the whole process's.
struct InstructionSetTests {
  @Test func environmentChooses() async {
    await #expect(processExitsWith: .success) {
      unsafe setenv("FOVEA_ISA", "portable", 1)
      try #require(try InstructionSet.fromEnvironment() == .portable)
      try #require(try Session(smallModel(.int8)).instructionSet == .portable)
      // An argument has the last word.
      try #require(try Session(smallModel(.int8), instructionSet: .best).instructionSet == .best)
    }
  }

  @Test func emptyMeansTheBest() async {
    await #expect(processExitsWith: .success) {
      unsafe setenv("FOVEA_ISA", "", 1)
      try #require(try InstructionSet.fromEnvironment() == .best)
    }
  }

  @Test func otherNamesAreRefused() async {
    await #expect(processExitsWith: .success) {
      for name in ["sse", "AVX2", "portable "] {
        unsafe setenv("FOVEA_ISA", name, 1)
        #expect(
          throws: FoveaError.instructionSet(name: name, available: InstructionSet.available.map(\.rawValue))
        ) { try Session(smallModel()) }
      }
    }
  }
}
