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

/// More threads than any machine has processors; a guard against typing errors.
private let threadLimit = 1024

/// 0 takes a thread for each core.
func threadCount(_ threads: CInt) throws(FoveaError) -> Int {
  guard (0...threadLimit).contains(Int(threads)) else {
    throw .invalidInput("threads is \(threads), not a number from 0 to \(threadLimit)")
  }
  return threads == 0 ? min(CPU.availableCount, threadLimit) : Int(threads)
}
