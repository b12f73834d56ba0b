import FoveaCLI
import Testing

/// What `fovea eval` computes from answers.
struct EvalTests {
  @Test(
    "McNemar's exact test",
    arguments: [
      // scipy.stats.binomtest(min, min + max, 0.5).pvalue
      (0, 0, 1.0), (1, 0, 1.0), (5, 5, 1.0), (0, 6, 0.03125), (10, 2, 0.038574218750000), (3, 12, 0.035156250000000),
      (480, 520, 0.217448), (1000, 1200, 2.1817e-5),
    ])
  func mcNemarTest(_ example: (Int, Int, Double)) {
    let p = mcNemar(example.0, example.1)
    #expect(abs(p - example.2) <= 0.01 * example.2)
    #expect(mcNemar(example.1, example.0) == p)
  }

  @Test("Wilson's interval, as statsmodels gives it")
  func wilson() {
    let interval = wilsonInterval(45, of: 50)
    #expect(abs(interval.lowerBound - 0.786396) < 1e-5)
    #expect(abs(interval.upperBound - 0.956524) < 1e-5)
    #expect(wilsonInterval(0, of: 0) == 0...1)
    #expect(wilsonInterval(0, of: 10).lowerBound == 0)
    #expect(wilsonInterval(10, of: 10).upperBound == 1)
  }

  @Test func classNames() {
    let names = ClassNames(labels: ["tench, Tinca tinca", "crane", "Crane, bird", "espresso"], count: 4)
    #expect(names.index(of: "Tinca_tinca") == 0)
    #expect(names.index(of: "TENCH, tinca  tinca") == 0)
    // A whole label wins over another label's synonym.
    #expect(names.index(of: "crane") == 1)
    #expect(names.index(of: "bird") == 2)
    #expect(names.index(of: "3") == 3)
    #expect(names.index(of: "4") == nil)
    #expect(names.index(of: "-1") == nil)
    #expect(names.index(of: "") == nil)
    let twins = ClassNames(labels: ["maillot, tank suit", "maillot, swimsuit"], count: 2)
    #expect(twins.index(of: "maillot") == nil)
    #expect(twins.index(of: "swimsuit") == 1)
  }

  @Test(arguments: [
    ("a,b", ["a", "b"]), ("\"a, b\",c", ["a, b", "c"]), ("\"say \"\"x\"\"\",", ["say \"x\"", ""]), ("", [""]),
    ("a\"b,c", ["a\"b", "c"]),
  ])
  func csv(_ example: (String, [String])) {
    #expect(csvFields(example.0) == example.1)
  }

  @Test func csvWithoutItsQuote() {
    #expect(csvFields("\"a,b") == nil)
  }
}
