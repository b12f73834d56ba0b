/// How pixels become the network's input, as the model file states it.
///
/// The order of work is torchvision's on PIL images: decode to 8-bit RGB, resize the shorter side to
/// `round(size / crop)` with antialiasing, cut the central `width` x `height`, scale to 0...1, subtract `mean`,
/// divide by `standardDeviation`.
public struct Preprocessing: Equatable, Sendable {
  /// The resampling filter, with Pillow's definitions (bicubic is the cubic with a = -0.5).
  public enum Filter: UInt32, Sendable, CaseIterable {
    case bilinear = 0
    case bicubic = 1
  }

  /// The order of the colour channels in the network's input.
  public enum ChannelOrder: UInt32, Sendable, CaseIterable {
    case rgb = 0
    case bgr = 1
  }

  /// One value a channel, in the order of the network's input channels.
  public struct PerChannel: Equatable, Sendable {
    public var c0: Float
    public var c1: Float
    public var c2: Float

    public init(_ c0: Float, _ c1: Float, _ c2: Float) {
      self.c0 = c0
      self.c1 = c1
      self.c2 = c2
    }
  }

  /// Width and height of the network's input, in pixels.
  public var width: Int
  public var height: Int
  /// The share of the resized image's shorter side that the central crop keeps, in (0, 1].
  public var crop: Float
  public var filter: Filter
  public var channelOrder: ChannelOrder
  /// On the 0...1 scale.
  public var mean: PerChannel
  /// On the 0...1 scale.
  public var standardDeviation: PerChannel

  public init(
    width: Int, height: Int, crop: Float, filter: Filter, channelOrder: ChannelOrder,
    mean: PerChannel, standardDeviation: PerChannel
  ) {
    self.width = width
    self.height = height
    self.crop = crop
    self.filter = filter
    self.channelOrder = channelOrder
    self.mean = mean
    self.standardDeviation = standardDeviation
  }
}
