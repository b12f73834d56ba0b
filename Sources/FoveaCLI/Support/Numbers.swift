/// `value` with `places` digits after the point; without Foundation, which has `String(format:)`, the command starts sooner.
func decimal(_ value: Double, places: Int) -> String {
  guard value.isFinite, abs(value) < 1e15 else { return String(value) }
  let factor = (0..<places).reduce(1.0) { product, _ in product * 10 }
  let scaled = (abs(value) * factor).rounded()
  guard scaled < 9e18 else { return String(value) }
  let digits = String(Int(scaled))
  let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
  let sign = value < 0 && scaled > 0 ? "-" : ""
  return places == 0 ? sign + padded : "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
}

/// A small number by its first two digits: "1.2e-06"; "0.12" from a thousandth on.
func scientific(_ value: Double) -> String {
  guard value > 0, value < 1e-3 else { return value == 0 ? "0" : decimal(value, places: 3) }
  var (digits, exponent) = (value, 0)
  while digits < 0.995, exponent < 400 {
    digits *= 10
    exponent += 1
  }
  return "\(decimal(digits, places: 1))e-\(exponent < 10 ? "0" : "")\(exponent)"
}

/// A share of 1: "71.88 %".
func percentText(_ share: Double, places: Int = 2) -> String { "\(decimal(100 * share, places: places)) %" }

/// `text` right-aligned in `width` columns.
func rightAligned(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}

/// A count of bytes for people: "4.9 MB", in powers of 1000.
func byteText(_ count: Int) -> String { scaled(count, ["bytes", "kB", "MB", "GB", "TB"]) }

/// A large number for people: "385.2 M".
func countText(_ count: Int) -> String { scaled(count, ["", "k", "M", "G", "T"]) }

private func scaled(_ count: Int, _ units: [String]) -> String {
  var value = Double(count)
  var unit = 0
  while value >= 1000, unit < units.count - 1 {
    value /= 1000
    unit += 1
  }
  let number = decimal(value, places: unit == 0 ? 0 : 1)
  return units[unit].isEmpty ? number : "\(number) \(units[unit])"
}

/// "1x3x224x224".
func shapeText(_ shape: [Int]) -> String {
  shape.isEmpty ? "scalar" : shape.map(String.init).joined(separator: "x")
}
