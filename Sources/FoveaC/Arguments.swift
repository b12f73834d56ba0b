import Fovea

// C's arguments as Swift values. All throw `FoveaError.invalidInput`, naming the argument.

func notNull<T>(_ pointer: T?, _ argument: StaticString) throws(FoveaError) -> T {
  guard let pointer else { throw .invalidInput("\(argument) is NULL") }
  return pointer
}

func string(_ characters: UnsafePointer<CChar>?, _ argument: StaticString) throws(FoveaError) -> String {
  unsafe String(cString: try notNull(characters, argument))
}

/// A copy of `size` bytes.
func array(_ bytes: UnsafeRawPointer?, _ size: Int) throws(FoveaError) -> [UInt8] {
  let bytes = try unsafe notNull(bytes, "bytes")
  // A size_t beyond Swift's Int arrives as a negative number.
  guard size >= 0 else { throw .invalidInput("size is \(UInt(bitPattern: size)), more than memory can hold") }
  return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: size))
}

/// 0 takes a thread for each core.
func threadCount(_ threads: CInt) throws(FoveaError) -> Int {
  guard (0...CPU.threadLimit).contains(Int(threads)) else {
    throw .invalidInput("threads is \(threads), not a number from 0 to \(CPU.threadLimit)")
  }
  return threads == 0 ? min(CPU.availableCount, CPU.threadLimit) : Int(threads)
}
