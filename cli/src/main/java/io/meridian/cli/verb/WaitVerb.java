package io.meridian.cli.verb;

import io.meridian.api.admin.v1.ProxyServiceGrpc;
import io.meridian.api.admin.v1.WaitProxiesRequest;
import io.meridian.api.admin.v1.WaitProxiesResponse;
import io.meridian.api.type.v1.Position;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.Durations;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.ProtoTree;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code meridian wait}. */
@Command(
        name = "wait",
        description =
                "Returns when every connected proxy has acknowledged a position or a later one; exit code 1 if some have not at --timeout.",
        footer = {"", "meridian wait --mesh bookinfo --position 64.12 --timeout 10s"})
public final class WaitVerb extends Verb {
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
    /** What the server may take to gather the answer once its own time is up. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    @Option(
            names = "--position",
            paramLabel = "POSITION",
            description = "EPOCH.SEQ or SEQ; the head when the command starts if not given.")
    @Nullable
    String position;

    @Mixin
    MeshOption mesh = new MeshOption();

    @Mixin
    OutputOptions output = new OutputOptions();

    public WaitVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        String meshName = session().mesh(mesh.mesh);
        Resolver resolver = new Resolver(session(), meshName);
        Position target = position == null ? resolver.head() : resolver.position("--position", position);
        long endNanos = System.nanoTime() + session().timeoutOr(DEFAULT_TIMEOUT).toNanos();
        WaitProxiesResponse response = session()
                .servers()
                .call(session().timeoutOr(DEFAULT_TIMEOUT).plus(GRACE), channel -> {
                    // A repeated call waits only for what is left.
                    Duration left = Duration.ofNanos(Math.max(0, endNanos - System.nanoTime()));
                    return ProxyServiceGrpc.newBlockingStub(channel)
                            .waitProxies(WaitProxiesRequest.newBuilder()
                                    .setParent(Names.mesh(meshName))
                                    .setPosition(target)
                                    .setTimeout(Durations.proto(left))
                                    .build());
                });
        print(target, response);
        return response.getDone() ? ExitCode.DONE : ExitCode.DIFFERS_OR_NOT_YET;
    }

    private void print(Position target, WaitProxiesResponse response) {
        if (output.isTree()) {
            Map<String, @Nullable Object> tree = new LinkedHashMap<>();
            tree.put("done", response.getDone());
            tree.put("position", ProtoTree.of(target));
            tree.put("proxies", (long) response.getProxies());
            tree.put("pending", ProxyTable.trees(response.getPendingList()));
            tree.put("unreachableRegions", List.copyOf(response.getUnreachableRegionsList()));
            console().print(output.tree(tree));
        } else if (response.getDone() && !output.isName()) {
            console().line(proxies(response.getProxies()) + " acknowledged " + Positions.text(target) + " or later");
        }
        for (String region : response.getUnreachableRegionsList()) {
            console().warning("region " + region + " did not answer; its proxies are not waited for");
        }
        if (!response.getDone() && !output.isTree()) {
            console()
                    .err()
                    .println("not yet: " + response.getPendingCount() + " of " + proxies(response.getProxies())
                            + " have not acknowledged " + Positions.text(target) + ":");
            console()
                    .err()
                    .print(output.table(ProxyTable.of(
                            response.getPendingList(),
                            output.isWide(),
                            session().now())));
            ProxyTable.refusals(response.getPendingList()).forEach(console()::warning);
            ProxyTable.halts(response.getPendingList()).forEach(console()::warning);
            console().err().flush();
        }
    }

    private static String proxies(int count) {
        return count == 1 ? "1 proxy" : count + " proxies";
    }
}
