import FoveaVision
import Testing

/// What a stranger may hand in. Every case is an `ImageError` or an image; none crashes, exits or prints.
@Suite struct BadInputTests {
  static let jpegs = ["gray", "rgb_420", "progressive", "restarts", "cmyk", "ycck", "orientation_6"]
  static let pngs = ["gray_16_interlaced", "palette_4", "rgba_8", "palette_trns", "exif"]
  static let files = jpegs.map { "decode/\($0).jpg" } + pngs.map { "decode/\($0).png" }

  /// At every length below 200, then at 100 more.
  @Test(arguments: files)
  func truncatedAnywhere(file: String) throws {
    let bytes = try Fixture.bytes(file)
    let step = max(bytes.count / 100, 1)
    let lengths = Set(0..<min(200, bytes.count)).union(stride(from: 200, to: bytes.count, by: step))
    for length in lengths.union([bytes.count - 1]).sorted() {
      guard case .failure(let error) = decode(Array(bytes[..<length]), name: "cut") else {
        Issue.record("\(file) cut to \(length) of \(bytes.count) bytes was decoded")
        continue
      }
      #expect(error.description.hasPrefix("cut: ") && !error.description.contains("\n"))
    }
  }

  /// 1 to 4 bits flipped, 400 times a file.
  @Test(arguments: files)
  func flippedBits(file: String) throws {
    let bytes = try Fixture.bytes(file)
    var random = Random(state: 1)
    for _ in 0..<400 {
      var mutated = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        mutated[Int.random(in: 0..<mutated.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
      if case .success(let image) = decode(mutated) {
        #expect(image.pixels.count == image.width * image.height * 3)
      }
    }
  }

  /// Bytes changed inside chunks whose CRC is then made right again, so that the change reaches the decoder.
  @Test(arguments: pngs)
  func changedChunks(name: String) throws {
    let chunks = try chunks(of: Fixture.bytes("decode/\(name).png"))
    var random = Random(state: 2)
    for _ in 0..<400 {
      let victim = Int.random(in: 0..<chunks.count, using: &random)
      var file = pngSignature
      for (index, chunk) in chunks.enumerated() {
        var data = chunk.data
        if index == victim, !data.isEmpty {
          data[Int.random(in: 0..<data.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        file += pngChunk(chunk.name, data)
      }
      _ = decode(file)
    }
  }

  /// Only the header is there: had any pixel memory been asked for first, the error would be another.
  @Test(arguments: [(60_000, 60_000), (Int(Int32.max), 1), (1 << 20, 1 << 20), (13_378, 13_378)])
  func hugePNG(width: Int, height: Int) throws {
    let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 2, 0, 0, 0]
    let file = pngSignature + pngChunk("IHDR", header) + pngChunk("IDAT", [])
    guard case .failure(let error) = decode(file, name: "huge.png") else {
      Issue.record("decoded")
      return
    }
    if width <= 1_000_000, height <= 1_000_000 {
      #expect(error == .tooLarge(file: "huge.png", width: width, height: height, limit: Image.pixelLimit))
    } else {  // libpng refuses by itself
      #expect(error == .corrupt(file: "huge.png", reason: "Invalid IHDR data"))
    }
  }

  @Test func hugeJPEG() throws {
    var file = try Fixture.bytes("decode/rgb_444.jpg")
    let frame = try #require(file.indices.dropLast().first { file[$0] == 0xFF && file[$0 + 1] == 0xC0 })
    file.replaceSubrange((frame + 5)..<(frame + 9), with: [0xEA, 0x60, 0xEA, 0x60])
    #expect(decode(file) == .failure(.tooLarge(file: "test", width: 60_000, height: 60_000, limit: Image.pixelLimit)))
  }

  /// 8 x 8 gray pixels of 128, with the second scan repeated: legal, but each scan costs a pass over the whole image.
  @Test(arguments: [1, 499, 500, 100_000])
  func endlessScans(repetitions: Int) throws {
    let quantization = [0xFF, 0xDB, 0, 67, 0] + [UInt8](repeating: 1, count: 64)
    let frame: [UInt8] = [0xFF, 0xC2, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0]
    let tables = [UInt8(0x00), 0x10].flatMap { [0xFF, 0xC4, 0, 20, $0, 1] + [UInt8](repeating: 0, count: 16) }
    let constants: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0, 0x7F]
    let details: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0, 0x7F]
    let scans = (0..<repetitions).flatMap { _ in details }
    let result = decode([0xFF, 0xD8] + quantization + frame + tables + constants + scans + [0xFF, 0xD9])
    if repetitions < 500 {
      #expect(result == .success(try #require(Image(width: 8, height: 8, pixels: [UInt8](repeating: 128, count: 192)))))
    } else {
      #expect(result == .failure(.corrupt(file: "test", reason: "more than 500 scans")))
    }
  }

  @Test func twelveBitsAreUnsupported() throws {
    var file = try Fixture.bytes("decode/gray.jpg")
    let frame = try #require(file.indices.dropLast().first { file[$0] == 0xFF && file[$0 + 1] == 0xC0 })
    file[frame + 4] = 12
    #expect(decode(file) == .failure(.unsupported(file: "test", reason: "Unsupported JPEG data precision 12")))
  }

  @Test func aCRCErrorIsAnError() throws {
    var file = try Fixture.bytes("decode/rgb_8.png")
    file[file.count - 13] ^= 1  // the last byte of IDAT's CRC
    guard case .failure(.corrupt) = decode(file) else {
      Issue.record("decoded")
      return
    }
  }

  @Test func notImages() {
    #expect(decode([]) == .failure(.corrupt(file: "test", reason: "the file is empty")))
    for text in ["Hello", "\u{FF}", "GIF89a", "<html>"] {
      #expect(decode(Array(text.utf8)) == .failure(.unrecognizedFormat(file: "test")))
    }
  }

  @Test func filesThatCannotBeRead() throws {
    try withTemporaryFolder { folder in
      let missing = folder + "/missing.jpg"
      #expect(throws: ImageError.cannotRead(file: missing, reason: "No such file or directory")) {
        try Image(path: missing)
      }
      #expect(throws: ImageError.cannotRead(file: folder, reason: "it is a folder")) { try Image(path: folder) }
      try write(Array("A letter.".utf8), to: folder + "/letter.jpg")
      #expect(throws: ImageError.unrecognizedFormat(file: folder + "/letter.jpg")) {
        try Image(path: folder + "/letter.jpg")
      }
      try write([], to: folder + "/empty.png")
      #expect(throws: ImageError.corrupt(file: folder + "/empty.png", reason: "the file is empty")) {
        try Image(path: folder + "/empty.png")
      }
    }
    #expect(throws: ImageError.unrecognizedFormat(file: "/proc/self/status")) { try Image(path: "/proc/self/status") }
  }

  @Test func imagesOfWrongSizeAreRefused() {
    #expect(Image(width: 2, height: 2, pixels: [UInt8](repeating: 0, count: 12)) != nil)
    for (width, height, count) in [(2, 2, 11), (2, 2, 13), (0, 0, 0), (-2, -2, 12), (.max, .max, 12), (0, 4, 0)] {
      #expect(Image(width: width, height: height, pixels: [UInt8](repeating: 0, count: count)) == nil)
    }
  }

  private func chunks(of file: [UInt8]) -> [(name: String, data: [UInt8])] {
    var chunks: [(name: String, data: [UInt8])] = []
    var offset = 8
    while offset < file.count {
      let length = file[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
      let name = String(decoding: file[offset + 4..<offset + 8], as: UTF8.self)
      chunks.append((name, Array(file[offset + 8..<offset + 8 + length])))
      offset += 12 + length
    }
    return chunks
  }
}
