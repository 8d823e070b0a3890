package io.meridian.chaos.region;

import io.meridian.chaos.proxy.Wires;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Regions in network namespaces of their own, each joined by a veth pair to a bridge in this process's. What is between them is the kernel's
 * TCP, and a cut loses its packets: the sender gets a link-layer address for the receiver that nobody has. Needs root and iproute2, and that
 * this process is alone in its own namespace ({@code unshare -n}), since the addresses may be anybody's elsewhere. Thread-safe once made.
 *
 * <p>A namespace lives as long as a process that waits for its input to end, which it does with this process at the latest.
 */
final class Namespaces implements Wires, AutoCloseable {
    private static final String PREFIX = "10.77.0.";
    private static final int BITS = 24;
    private static final int OWN = 254;
    private static final String BRIDGE = "chaos";
    private static final String INSIDE = "eth0";
    /** Locally administered, and nobody's. */
    private static final String NOBODY = "02:00:00:00:00:fe";

    private static final long POLL_MILLIS = 10;

    private record Member(String name, String host, Process holder) {}

    private record Cut(String from, String to) {}

    private final Map<String, Member> members = new LinkedHashMap<>();
    /** Guarded by this. */
    private final List<Cut> cuts = new ArrayList<>();

    private Namespaces() {}

    /** @throws IOException where that is not possible, with the reason */
    static Namespaces create(List<String> names) throws IOException, InterruptedException {
        boolean alone =
                Tool.run("ip", "-oneline", "link", "show", "up").lines().allMatch(link -> link.contains(": lo:"));
        if (!alone) {
            throw new IOException("this process is not alone in its network namespace; run it by chaos-tests/chaos");
        }
        Namespaces all = new Namespaces();
        try {
            Tool.run("ip", "link", "set", "lo", "up");
            Tool.run("ip", "link", "add", BRIDGE, "type", "bridge");
            Tool.run("ip", "address", "add", PREFIX + OWN + "/" + BITS, "dev", BRIDGE);
            Tool.run("ip", "link", "set", BRIDGE, "up");
            for (String name : names) {
                all.add(name);
            }
            return all;
        } catch (IOException | InterruptedException e) {
            all.close();
            throw e;
        }
    }

    private void add(String name) throws IOException, InterruptedException {
        Process holder = new ProcessBuilder("unshare", "--net", "cat").start();
        int number = members.size() + 1;
        Member member = new Member(name, PREFIX + number, holder);
        members.put(name, member);
        awaitNamespace(holder);
        String outside = "region" + number;
        Tool.run("ip", "link", "add", outside, "type", "veth", "peer", "name", INSIDE, "netns", "" + holder.pid());
        Tool.run("ip", "link", "set", outside, "master", BRIDGE, "up");
        inside(member, "link", "set", "lo", "up");
        inside(member, "address", "add", member.host() + "/" + BITS, "dev", INSIDE);
        inside(member, "link", "set", INSIDE, "up");
    }

    private static void awaitNamespace(Process holder) throws IOException, InterruptedException {
        Path own = Files.readSymbolicLink(Path.of("/proc/self/ns/net"));
        Path others = Path.of("/proc/" + holder.pid() + "/ns/net");
        while (Files.readSymbolicLink(others).equals(own)) {
            if (!holder.isAlive()) {
                throw new IOException("unshare --net does not work here");
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    private static void inside(Member member, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(enter(member));
        command.add("ip");
        command.addAll(List.of(arguments));
        Tool.run(command.toArray(String[]::new));
    }

    private static List<String> enter(Member member) {
        return List.of("nsenter", "--target", "" + member.holder().pid(), "--net");
    }

    private Member member(String name) {
        Member member = members.get(name);
        if (member == null) {
            throw new IllegalArgumentException("no region " + name);
        }
        return member;
    }

    /** Its address, for others and for this process. */
    String host(String name) {
        return member(name).host();
    }

    /** What a command begins with that runs there; the process stays the same one. */
    List<String> prefix(String name) {
        return enter(member(name));
    }

    @Override
    public synchronized void stop(String from, String to, boolean forGood) throws IOException, InterruptedException {
        cuts.add(new Cut(from, to));
        inside(
                member(from),
                "neighbour",
                "replace",
                member(to).host(),
                "lladdr",
                NOBODY,
                "dev",
                INSIDE,
                "nud",
                "permanent");
    }

    @Override
    public String fate(boolean forGood) {
        return "packets are lost";
    }

    @Override
    public synchronized void heal() throws IOException, InterruptedException {
        for (Cut cut : cuts) {
            inside(member(cut.from()), "neighbour", "delete", member(cut.to()).host(), "dev", INSIDE);
        }
        cuts.clear();
    }

    /** Once nothing runs there any more. The bridge goes with this process's namespace. */
    @Override
    public void close() {
        members.values().forEach(member -> member.holder().destroyForcibly());
    }
}
