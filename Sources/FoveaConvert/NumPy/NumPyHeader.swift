/// What stands before the elements of a NumPy file: a magic string, a version, a length, and a Python dictionary such as
///
///     {'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 224, 224), }
struct NumPyHeader {
  /// "\x93NUMPY"
  static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
  /// Bytes before the dictionary in version 1: magic, two of version, two of length.
  static let prefixBytes = 10
  /// NumPy's own limit is 64 dimensions; networks have far fewer.
  private static let maximumRank = 32

  let element: NumPyElement
  let isColumnMajor: Bool
  let shape: [Int]
  /// Elements in all.
  let count: Int
  /// Where the elements begin in the file.
  let dataOffset: Int

  init(of bytes: [UInt8], name: String) throws(NumPyError) {
    func malformed(_ reason: String) -> NumPyError { .malformed(file: name, reason: reason) }

    guard bytes.starts(with: Self.magic) else { throw malformed("not a NumPy file (.npy)") }
    guard bytes.count >= Self.prefixBytes + 2 else { throw malformed("the NumPy file is cut short") }
    // Versions 2 and 3 have a length of four bytes; 3 is UTF-8 where the others are Latin-1.
    let version = bytes[6]
    guard (1...3).contains(version) else {
      throw .unsupported(file: name, reason: "version \(version) of the NumPy format is unknown; 1 to 3 are read")
    }
    let lengthBytes = version == 1 ? 2 : 4
    let length = bytes[8..<(8 + lengthBytes)].reversed().reduce(0) { $0 << 8 | Int($1) }
    let start = 8 + lengthBytes
    guard length <= bytes.count - start else { throw malformed("the NumPy file is cut short") }
    dataOffset = start + length

    guard let entries = PythonDictionary(bytes[start..<dataOffset]) else {
      throw malformed("the NumPy file's header is damaged")
    }
    guard case .text(let type) = entries["descr"], case .boolean(let isColumnMajor) = entries["fortran_order"],
      case .tuple(let shape) = entries["shape"]
    else { throw malformed("the NumPy file's header lacks its element type, order or shape") }
    guard let element = NumPyElement(rawValue: type) else {
      throw .unsupported(
        file: name,
        reason: "elements of type \"\(printable(type))\" are not read; save it as float32, array.astype(\"<f4\")")
    }
    self.element = element
    self.isColumnMajor = isColumnMajor
    self.shape = shape
    guard shape.count <= Self.maximumRank else { throw malformed("\(shape.count) dimensions are too many") }
    var product = element.size
    var isEmpty = false
    for size in shape {
      if size == 0 { isEmpty = true }
      let (next, overflow) = product.multipliedReportingOverflow(by: max(size, 1))
      guard !overflow else { throw malformed("a shape of \(shape) is too large") }
      product = next
    }
    count = isEmpty ? 0 : product / element.size
  }
}

/// The few Python literals that NumPy headers are made of.
struct PythonDictionary {
  enum Value: Equatable {
    case text(String)
    case boolean(Bool)
    case tuple([Int])
  }

  private var entries: [String: Value] = [:]

  subscript(key: String) -> Value? { entries[key] }

  /// Nil where the bytes are anything else than one dictionary, with spaces and a line feed around it.
  init?(_ bytes: ArraySlice<UInt8>) {
    var scanner = Scanner(rest: bytes)
    guard scanner.take("{") else { return nil }
    while !scanner.take("}") {
      guard let key = scanner.text(), scanner.take(":"), let value = scanner.value() else { return nil }
      guard entries.updateValue(value, forKey: key) == nil else { return nil }
      if !scanner.take(",") {
        guard scanner.take("}") else { return nil }
        break
      }
    }
    guard scanner.isAtEnd else { return nil }
  }

  private struct Scanner {
    var rest: ArraySlice<UInt8>

    private mutating func skipSpace() {
      rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") }
    }

    var isAtEnd: Bool {
      mutating get {
        skipSpace()
        return rest.isEmpty
      }
    }

    /// Moves past `word` if that comes next.
    mutating func take(_ word: String) -> Bool {
      skipSpace()
      guard rest.starts(with: word.utf8) else { return false }
      rest = rest.dropFirst(word.utf8.count)
      return true
    }

    mutating func text() -> String? {
      for quote in ["'", "\""] where take(quote) {
        guard let end = rest.firstIndex(of: quote.utf8.first ?? 0) else { return nil }
        defer { rest = rest[(end + 1)...] }
        return String(decoding: rest[..<end], as: UTF8.self)
      }
      return nil
    }

    mutating func value() -> Value? {
      if take("True") { return .boolean(true) }
      if take("False") { return .boolean(false) }
      if take("(") {
        var sizes: [Int] = []
        while !take(")") {
          guard let size = number() else { return nil }
          sizes.append(size)
          if !take(",") {
            guard take(")") else { return nil }
            break
          }
        }
        return .tuple(sizes)
      }
      return text().map(Value.text)
    }

    private mutating func number() -> Int? {
      skipSpace()
      let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      rest = rest.dropFirst(digits.count)
      _ = take("L")  // Python 2 wrote long integers so
      return Int(String(decoding: digits, as: UTF8.self))
    }
  }
}
