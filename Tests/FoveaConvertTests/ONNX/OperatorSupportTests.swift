import FoundationEssentials
import FoveaConvert
import Testing

struct OperatorSupportTests {
  /// docs/OPERATORS.md is what the importer's table says: `fovea operators --markdown > docs/OPERATORS.md` writes it.
  @Test func thePageIsCurrent() throws {
    let page = try String(decoding: Data(contentsOf: URL(filePath: repository + "/docs/OPERATORS.md")), as: UTF8.self)
    #expect(page == operatorsMarkdown())
  }

  @Test func everyOperatorIsListedOnce() {
    #expect(Set(supportedOperators.map(\.name)).count == supportedOperators.count)
    #expect(supportedOperators.contains { $0.name == "ConvTranspose" && $0.execution == "int8" })
    #expect(supportedOperators.allSatisfy { supportedOpsetNumbers.contains($0.opsets.lowerBound) })
  }

  private var supportedOpsetNumbers: ClosedRange<Int> {
    Int(supportedOpsets.lowerBound)...Int(supportedOpsets.upperBound)
  }
}
