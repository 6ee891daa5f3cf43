internal import CLinux
internal import Glibc

/// A thread of its own for work that blocks: pthreads(7).
///
/// It blocks every signal, so that signals reach the loop that reads them, and so that a write
/// to a pipe nobody reads fails instead of ending the process.
public enum BackgroundThread {
    /// Runs `body` on a new thread that ends with it. Of `name` the system keeps 15 bytes.
    public static func start(
        _ name: String, stackBytes: Int, _ body: @escaping @Sendable () -> Void
    ) throws(SystemCallError) {
        var attributes = pthread_attr_t()
        // SAFETY: the attributes are initialised here and destroyed below.
        unsafe pthread_attr_init(&attributes)
        // SAFETY: they were initialised above and are not used after.
        defer { unsafe _ = pthread_attr_destroy(&attributes) }
        // SAFETY: as above.
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // SAFETY: as above.
        unsafe pthread_attr_setstacksize(&attributes, stackBytes)
        let shortName = String(decoding: name.utf8.prefix(15), as: UTF8.self)
        let work = Work {
            // SAFETY: the name outlives the call.
            unsafe clinux_name_thread(shortName)
            body()
        }
        // SAFETY: the thread takes over the reference; it is taken back where there is none.
        let argument = unsafe Unmanaged.passRetained(work).toOpaque()
        var thread = pthread_t()
        let result = withAllSignalsBlocked {
            // SAFETY: the argument is the one reference to a Work, taken over exactly once.
            unsafe pthread_create(
                &thread, &attributes,
                { argument in
                    guard let argument = unsafe argument else { return nil }
                    unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                    return nil
                }, argument)
        }
        guard result == 0 else {
            // SAFETY: no thread was made that could have taken the reference over.
            unsafe Unmanaged<Work>.fromOpaque(argument).release()
            throw SystemCallError("start the thread", name, errorNumber: result)
        }
    }

    /// A new thread inherits the mask of the one that makes it.
    private static func withAllSignalsBlocked<Result>(_ body: () -> Result) -> Result {
        var all = sigset_t()
        var before = sigset_t()
        // SAFETY: the call fills the set.
        unsafe sigfillset(&all)
        // SAFETY: the call reads one set and fills the other.
        unsafe pthread_sigmask(SIG_SETMASK, &all, &before)
        // SAFETY: the set was filled above.
        defer { unsafe _ = pthread_sigmask(SIG_SETMASK, &before, nil) }
        return body()
    }

    /// What a thread is given to run.
    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}
