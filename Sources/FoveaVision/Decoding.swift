import FoveaCodecs

extension Image {
  /// Decodes a JPEG or PNG; which of the two, the content says.
  ///
  /// Gray, palette, CMYK, 16-bit and transparent images become 8-bit RGB as Pillow's `convert("RGB")` does it: alpha
  /// is dropped, of 16 bits the high byte is taken (also of 16-bit gray, which Pillow clips instead). An EXIF
  /// orientation is applied; colour profiles are not.
  ///
  /// - Parameters:
  ///   - bytes: The whole file. Only read during the call.
  ///   - name: What error messages call the image, usually its path.
  ///   - atLeast: The length, in pixels, to which the shorter side will be resized, if less than the full resolution
  ///     will do. A JPEG is then decoded at 1/2, 1/4 or 1/8, for a fraction of the time, as long as the shorter side
  ///     keeps at least twice this length. The network's input then differs from that of a full
  ///     decode by at most 3 levels of 255, by 0.4 on average (measured with 2.3 and 2.9 times the length left).
  /// - Throws: `unrecognizedFormat`, `corrupt`, `unsupported`, `tooLarge` or `outOfMemory`. A file that ends early or
  ///   is damaged throws; it never gives a partial picture.
  public init(
    decoding bytes: UnsafeRawBufferPointer, name: String, atLeast needed: Int? = nil
  ) throws(ImageError) {
    // The span reads the caller's buffer, which outlives this call.
    let span = unsafe RawSpan(_unsafeBytes: bytes)
    if span.isEmpty { throw .corrupt(file: name, reason: "the file is empty") }
    guard let format = ImageFormat(of: span),
      let data = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    else { throw .unrecognizedFormat(file: name) }

    var header = fovea_image_header()
    var report = fovea_codec_report()
    let headerStatus =
      switch format {
      case .jpeg: unsafe fovea_jpeg_read_header(data, bytes.count, &header, &report)
      case .png: unsafe fovea_png_read_header(data, bytes.count, &header, &report)
      }
    try Self.check(headerStatus, report, name)
    var (width, height) = (Int(header.width), Int(header.height))
    // Both are below 2^31, so the product fits.
    guard width > 0, height > 0 else { throw .corrupt(file: name, reason: "it has no pixels") }
    guard width * height <= Self.pixelLimit else {
      throw .tooLarge(file: name, width: width, height: height, limit: Self.pixelLimit)
    }

    let reduction = format == .jpeg ? Self.reduction(shorterSide: min(width, height), needed: needed) : 1
    width = (width + reduction - 1) / reduction
    height = (height + reduction - 1) / reduction
    let byteCount = width * height * 3
    var status = FOVEA_CODEC_OK
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      guard let out = buffer.baseAddress else { return }
      status =
        switch format {
        case .jpeg: unsafe fovea_jpeg_decode(data, bytes.count, UInt32(reduction), out, byteCount, &report)
        case .png: unsafe fovea_png_decode(data, bytes.count, out, byteCount, &report)
        }
      // After an error part of the buffer is uninitialized, and none of it is used.
      count = status == FOVEA_CODEC_OK ? byteCount : 0
    }
    try Self.check(status, report, name)
    self = Image(sound: width, height, pixels).turned(Orientation(of: span, format: format))
  }

  /// Decodes the bytes of an array; see `init(decoding:name:atLeast:)`.
  public init(decoding bytes: [UInt8], name: String, atLeast needed: Int? = nil) throws(ImageError) {
    self = try unsafe bytes.span.bytes.withUnsafeBytes { (buffer) throws(ImageError) in
      try unsafe Image(decoding: buffer, name: name, atLeast: needed)
    }
  }

  /// The largest of libjpeg's reductions after which the shorter side is still twice what is needed. Twice, because
  /// the remaining resize then still averages at least two pixels into one, which hides what the reduction does to
  /// fine detail.
  package static func reduction(shorterSide: Int, needed: Int?) -> Int {
    guard let needed, needed > 0 else { return 1 }
    return [8, 4, 2].first { (shorterSide + $0 - 1) / $0 / 2 >= needed } ?? 1
  }

  private static func check(
    _ status: fovea_codec_status, _ report: fovea_codec_report, _ name: String
  ) throws(ImageError) {
    switch status {
    case FOVEA_CODEC_OK: return
    case FOVEA_CODEC_OUT_OF_MEMORY: throw .outOfMemory(file: name)
    case FOVEA_CODEC_UNSUPPORTED: throw .unsupported(file: name, reason: message(of: report))
    default: throw .corrupt(file: name, reason: message(of: report))
    }
  }

  private static func message(of report: fovea_codec_report) -> String {
    unsafe withUnsafeBytes(of: report.message) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
