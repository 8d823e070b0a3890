package io.meridian.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process that another one cannot be taken for: pids are used again, a pid with its start time is not.
 *
 * @param startTicks of the kernel's clock since boot (field 22 of /proc/PID/stat); unlike a wall-clock time it never shifts
 * @param bootId of the kernel's run in which it started
 */
public record ProcessId(long pid, long startTicks, String bootId) {
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    /** Counted after the command's name in parentheses, which may hold spaces. */
    private static final int STATE_FIELD = 0;

    private static final int START_FIELD = 19;

    /** Empty if there is no such process, or only what is left of one (a zombie). */
    static Optional<ProcessId> of(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            return fields[STATE_FIELD].equals("Z")
                    ? Optional.empty()
                    : Optional.of(new ProcessId(pid, Long.parseLong(fields[START_FIELD]), currentBoot()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static ProcessId current() {
        return of(ProcessHandle.current().pid())
                .orElseThrow(() -> new DemoException("the demo needs Linux: there is no /proc"));
    }

    boolean alive() {
        return of(pid).filter(this::equals).isPresent();
    }

    /** Empty once the process has ended. */
    Optional<ProcessHandle> handle() {
        return alive() ? ProcessHandle.of(pid) : Optional.empty();
    }

    private static String currentBoot() throws IOException {
        return Files.readString(BOOT_ID).strip();
    }
}
