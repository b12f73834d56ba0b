import Fovea

/// What `fovea classify` is asked for.
struct ClassifyRequest: Equatable {
  var photos: [String] = []
  /// A model file; nil for the default one.
  var model: String?
  var top = 5
  var threads: Int?
  var json = false
}

extension ClassifyRequest {
  /// Reads plain command lines, in which nothing is wrong and nothing abbreviated, as `Classify` does; nil for all others, which
  /// it is to read.
  ///
  /// argument-parser looks up some eighty conformances of types to protocols on its way, each of them by going through all that the
  /// program has: a tenth of the time from a photo to its labels.
  init?(plain arguments: some Sequence<String>) {
    var arguments = arguments.makeIterator()
    var seen: Set<String> = []
    func number(in range: ClosedRange<Int>) -> Int? {
      arguments.next().flatMap { Int($0) }.flatMap { range.contains($0) ? $0 : nil }
    }
    while let argument = arguments.next() {
      guard argument.hasPrefix("-") else {
        guard !argument.isEmpty else { return nil }
        photos.append(argument)
        continue
      }
      // Given twice, the last one counts; that is not plain.
      guard seen.insert(argument).inserted else { return nil }
      switch argument {
      case "-m", "--model":
        guard model == nil, let path = arguments.next(), !path.isEmpty, !path.hasPrefix("-") else { return nil }
        model = path
      case "--top":
        guard let number = number(in: 1...Int.max) else { return nil }
        top = number
      case "--threads":
        guard let number = number(in: 1...CPU.threadLimit) else { return nil }
        threads = number
      case "--json": json = true
      default: return nil
      }
    }
    if photos.isEmpty { return nil }
  }
}
