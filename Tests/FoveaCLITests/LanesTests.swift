import FoveaCLI
import Testing

struct LanesTests {
  /// One photo has all threads; several at once share them, but for threads that would only take memory.
  @Test(arguments: [
    (photos: 1, threads: 8, cores: 2, lanes: 1, each: 8), (8, 1, 2, 1, 1), (8, 2, 2, 2, 1), (2, 4, 4, 2, 2),
    (3, 8, 8, 3, 2), (1000, 64, 64, 64, 1), (1000, 256, 2, 4, 1), (2, 256, 2, 2, 2), (1000, 3, 1, 2, 1),
    (0, 4, 4, 1, 4),
  ])
  func lanes(photos: Int, threads: Int, cores: Int, lanes: Int, each: Int) {
    #expect(Lanes(photos: photos, threads: threads, cores: cores) == Lanes(count: lanes, threads: each))
  }
}
