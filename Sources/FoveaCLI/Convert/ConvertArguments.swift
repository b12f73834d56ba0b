import ArgumentParser
import FoveaConvert
import FoveaCore

/// `--precision`.
enum PrecisionArgument: String, ExpressibleByArgument, CaseIterable {
  case int8
  case float

  var precision: Precision {
    switch self {
    case .int8: .int8
    case .float: .float
    }
  }
}

/// `--calibration`: "min-max", "percentile", "percentile:99.9", "mse", "entropy" or "auto".
struct CalibrationMethodArgument: ExpressibleByArgument, CustomStringConvertible {
  /// Cuts one activation in ten thousand.
  private static let usualPercent = 99.99

  var method: CalibrationMethod

  init(method: CalibrationMethod) {
    self.method = method
  }

  init?(argument: String) {
    let parts = argument.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    switch (parts.first, parts.count) {
    case ("min-max", 1): method = .minMax
    case ("mse", 1): method = .meanSquaredError
    case ("entropy", 1): method = .entropy
    case ("auto", 1): method = .automatic
    case ("percentile", 1): method = .percentile(Self.usualPercent / 100)
    case ("percentile", 2):
      guard let percent = Double(parts[1]), percent > 50, percent <= 100 else { return nil }
      method = .percentile(percent / 100)
    default: return nil
    }
  }

  var description: String {
    switch method {
    case .minMax: "min-max"
    case .percentile(let share): "percentile:\(share * 100)"
    case .meanSquaredError: "mse"
    case .entropy: "entropy"
    case .automatic: "auto"
    }
  }

  var defaultValueDescription: String { description }
}

/// `--max-drop`: "0.01" or "1%" of the answers, or "20dB".
struct MaxDropArgument: ExpressibleByArgument, CustomStringConvertible {
  var budget: AccuracyBudget
  /// As it was given.
  var description: String

  init?(argument: String) {
    func number(without suffix: String) -> Double? {
      guard argument.lowercased().hasSuffix(suffix) else { return nil }
      return Double(argument.dropLast(suffix.count)).flatMap { $0.isFinite ? $0 : nil }
    }
    description = argument
    if let decibels = number(without: "db") {
      budget = .signalToNoise(decibels: decibels)
    } else if let share = number(without: "%").map({ $0 / 100 }) ?? number(without: ""), (0..<1).contains(share) {
      budget = .otherAnswers(share: share)
    } else {
      return nil
    }
  }
}

/// `--rounding`.
extension WeightRounding: ExpressibleByArgument {}

/// `--equalize`.
extension ChannelEqualization: ExpressibleByArgument {}

/// `--shape`: "1,3,320,320" for the first input, or "name:1,3,320,320".
struct ShapeArgument: ExpressibleByArgument {
  /// Empty for the first input.
  var name: String
  var shape: [Int]

  init?(argument: String) {
    let colon = argument.lastIndex(of: ":")
    name = colon.map { String(argument[..<$0]) } ?? ""
    let list = argument[(colon.map { argument.index(after: $0) } ?? argument.startIndex)...]
    let numbers = list.split(separator: ",", omittingEmptySubsequences: false)
    shape = numbers.compactMap { Int($0) }
    guard shape.count == numbers.count, shape.allSatisfy({ $0 > 0 }) else { return nil }
  }
}

/// Three numbers, one a colour channel: "0.485,0.456,0.406".
struct PerChannelArgument: ExpressibleByArgument {
  var values: Preprocessing.PerChannel

  init?(argument: String) {
    let numbers = argument.split(separator: ",", omittingEmptySubsequences: false).compactMap { Float(String($0)) }
    guard numbers.count == 3, argument.filter({ $0 == "," }).count == 2, numbers.allSatisfy(\.isFinite) else {
      return nil
    }
    values = Preprocessing.PerChannel(numbers[0], numbers[1], numbers[2])
  }
}

extension Preprocessing.Filter: ExpressibleByArgument {
  public init?(argument: String) {
    switch argument {
    case "bicubic": self = .bicubic
    case "bilinear": self = .bilinear
    default: return nil
    }
  }

  public static var allValueStrings: [String] { ["bicubic", "bilinear"] }

  /// As `--resize` says it.
  var name: String {
    switch self {
    case .bicubic: "bicubic"
    case .bilinear: "bilinear"
    }
  }
}

extension Preprocessing.ChannelOrder: ExpressibleByArgument {
  public init?(argument: String) {
    switch argument {
    case "rgb": self = .rgb
    case "bgr": self = .bgr
    default: return nil
    }
  }

  public static var allValueStrings: [String] { ["rgb", "bgr"] }

  /// As `--channels` says it.
  var name: String {
    switch self {
    case .rgb: "rgb"
    case .bgr: "bgr"
    }
  }
}

/// The options that say how photos become the network's input.
struct PhotoOptions: ParsableArguments {
  /// torchvision's constants for the networks that it trains.
  private static let imageNetMean = Preprocessing.PerChannel(0.485, 0.456, 0.406)
  private static let imageNetDeviation = Preprocessing.PerChannel(0.229, 0.224, 0.225)
  private static let longestSide = 16384

  @Option(help: "Width and height of the network's input. (default: the network's own)")
  var size: Int?

  @Option(help: "The share of the shorter side that the central crop keeps. (default: 0.875)")
  var crop: Float?

  @Option(help: "How photos are resized. (default: bicubic)")
  var resize: Preprocessing.Filter?

  @Option(help: ArgumentHelp("Subtracted from pixels of 0...1. (default: ImageNet's)", valueName: "R,G,B"))
  var mean: PerChannelArgument?

  @Option(help: ArgumentHelp("What the difference is divided by. (default: ImageNet's)", valueName: "R,G,B"))
  var std: PerChannelArgument?

  @Option(help: "The order of the input's channels, which is also that of --mean and --std. (default: rgb)")
  var channels: Preprocessing.ChannelOrder?

  mutating func validate() throws {
    guard (1...Self.longestSide).contains(size ?? 1) else {
      throw ValidationError("--size takes a number from 1 to \(Self.longestSide)")
    }
    let crop = crop ?? 1
    guard crop > 0, crop <= 1 else { throw ValidationError("--crop takes a share above 0 and up to 1") }
    if let std = std?.values {
      guard std.c0 > 0, std.c1 > 0, std.c2 > 0 else { throw ValidationError("--std takes numbers above 0") }
    }
  }

  /// Whether any of them is on the command line.
  var areGiven: Bool {
    size != nil || crop != nil || resize != nil || mean != nil || std != nil || channels != nil
  }

  /// The preprocessing for an input of this size, unless --size says another.
  func preprocessing(height: Int, width: Int) -> Preprocessing {
    Preprocessing(
      width: size ?? width, height: size ?? height, crop: crop ?? 0.875, filter: resize ?? .bicubic,
      channelOrder: channels ?? .rgb, mean: mean?.values ?? Self.imageNetMean,
      standardDeviation: std?.values ?? Self.imageNetDeviation)
  }
}
