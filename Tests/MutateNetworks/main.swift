import FoundationEssentials
import FoveaConvert
import FoveaGraph
import FoveaRuntime
import Glibc

// Real ONNX files with a few bytes changed, cut out, repeated or cut off: each is converted or refused with an error that names the
// file. A process of its own, because its limits are the system's: 1 GiB of address space, and 5 s of processor time for each
// file. What takes more ends the process, and the last line of output tells which file that was.
//
//     mutate-networks 10000 11 fixtures/operators/*/model.onnx     # so many changed files, from seed 11

/// What the process may take: of memory at all times, of processor time until `seconds` from now.
func limit(bytes: rlim_t, seconds: Int) {
  var memory = rlimit(rlim_cur: bytes, rlim_max: bytes)
  var usage = rusage()
  guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &memory) == 0,
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0
  else { fatalError("no limits") }
  // The system counts whole seconds: the next one is not full yet.
  let used = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + 1
  var time = rlimit(rlim_cur: rlim_t(used + seconds), rlim_max: .max)
  guard unsafe setrlimit(__rlimit_resource_t(RLIMIT_CPU.rawValue), &time) == 0 else { fatalError("no limits") }
}

/// Writes a line at once: it must be there when the process ends.
func say(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  _ = unsafe write(STDOUT_FILENO, bytes, bytes.count)
}

func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
  guard bytes.count > 8 else { return }
  let place = Int.random(in: 0..<bytes.count, using: &random)
  let length = min(Int.random(in: 1...16, using: &random), bytes.count - place)
  switch Int.random(in: 0..<6, using: &random) {
  case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
  case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
  // What lengths and dimensions look like when somebody means harm.
  case 2: bytes.replaceSubrange(place..<place + length, with: [UInt8](repeating: 0xff, count: length))
  case 3: bytes.removeSubrange(place..<place + length)
  case 4: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
  default: bytes.removeSubrange(place...)
  }
}

let arguments = CommandLine.arguments.dropFirst()
guard arguments.count > 2, let rounds = arguments.first.flatMap({ Int($0) }),
  let seed = arguments.dropFirst().first.flatMap({ UInt64($0) })
else {
  say("usage: mutate-networks ROUNDS SEED NETWORK...")
  exit(64)
}
let paths = Array(arguments.dropFirst(2))
let files = try paths.map { [UInt8](try Data(contentsOf: URL(filePath: $0))) }
/// What is wrong with a file; nil where it is converted.
func refusal(of bytes: [UInt8]) -> String? {
  limit(bytes: 1 << 30, seconds: 5)
  do throws(ConversionError) {
    let network = try importONNX(bytes: bytes, source: "mutated.onnx")
    _ = try convert(network, options: ConversionOptions(precision: .float))
    return nil
  } catch {
    return error.description
  }
}

// What is refused unchanged would tell nothing of changes.
for (path, bytes) in zip(paths, files) {
  say("unchanged: \(path)")
  if let reason = refusal(of: bytes) { say("refused unchanged: \(path): \(reason)") }
}
var random = SplitMix64(seed: seed)
var (refused, refusedByConverter) = (0, 0)
for round in 0..<rounds {
  say("round \(round): \(paths[round % files.count])")
  var bytes = files[round % files.count]
  // Most of the other changes already end in the protocol buffer's decoder: every second file has one byte changed, and keeps its lengths.
  if round % 2 == 0 {
    bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
  } else {
    for _ in 0...round % 3 { mutate(&bytes, &random) }
  }
  guard let reason = refusal(of: bytes) else { continue }
  refused += 1
  if !reason.hasPrefix("mutated.onnx: ") || reason.contains("\n") { say("unclear: \(reason)") }
  if !reason.hasPrefix("mutated.onnx: not an ONNX model") { refusedByConverter += 1 }
}
say("refused \(refused), of these \(refusedByConverter) by the converter")
