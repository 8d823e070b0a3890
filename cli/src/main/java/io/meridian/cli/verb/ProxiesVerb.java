package io.meridian.cli.verb;

import io.meridian.api.admin.v1.ListProxiesRequest;
import io.meridian.api.admin.v1.ListProxiesResponse;
import io.meridian.api.admin.v1.ProxyServiceGrpc;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.ProtoTree;
import io.meridian.cli.text.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code meridian proxies}. */
@Command(
        name = "proxies",
        description = {
            "The proxies of a mesh in all regions: who serves them, what they have acknowledged, who misbehaves.",
            "With NODE everything that is known of one: what it was sent and refused, and which object and event caused that."
        },
        footer = {"", "meridian proxies --mesh bookinfo", "meridian proxies --mesh bookinfo reviews-v1.default"})
public final class ProxiesVerb extends Verb {
    @Parameters(
            paramLabel = "NODE",
            arity = "0..1",
            description = "Only this proxy, in detail: its NAME.NAMESPACE or whole node id.")
    @Nullable
    String node;

    @Mixin
    MeshOption mesh = new MeshOption();

    @Mixin
    OutputOptions output = new OutputOptions();

    public ProxiesVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        ListProxiesRequest request = ListProxiesRequest.newBuilder()
                .setParent(Names.mesh(session().mesh(mesh.mesh)))
                .build();
        ListProxiesResponse response = session()
                .servers()
                .call(channel -> ProxyServiceGrpc.newBlockingStub(channel).listProxies(request));
        List<ProxyStatus> proxies = matching(response.getProxiesList());
        List<ProxyStatus> departed = matching(response.getDepartedList());
        if (node != null && proxies.isEmpty() && departed.isEmpty()) {
            throw new CliFailure(
                    ExitCode.NOT_FOUND,
                    "no proxy is called \"" + node + "\"; 'meridian proxies' lists those that are connected");
        }
        if (output.isTree()) {
            Map<String, @Nullable Object> tree = new LinkedHashMap<>();
            tree.put("proxies", ProxyTable.trees(proxies));
            tree.put("departed", ProxyTable.trees(departed));
            tree.put("unreachableRegions", List.copyOf(response.getUnreachableRegionsList()));
            tree.put("head", ProtoTree.of(response.getHead()));
            console().print(output.tree(tree));
        } else if (output.isName()) {
            console()
                    .print(OutputOptions.lines(
                            proxies.stream().map(ProxyStatus::getNode).toList()));
        } else if (node != null) {
            Stream.concat(proxies.stream(), departed.stream())
                    .forEach(proxy ->
                            console().print(ProxyDetails.of(proxy, session().now())));
        } else {
            Table table = ProxyTable.of(proxies, output.isWide(), session().now());
            console().print(output.table(table));
            ProxyTable.refusals(proxies).forEach(console()::warning);
            ProxyTable.halts(proxies).forEach(console()::warning);
            ProxyConduct.warnings(proxies, departed, session().now()).forEach(console()::warning);
            if (table.isEmpty()) {
                console().err().println("No proxies are connected.");
            }
        }
        for (String region : response.getUnreachableRegionsList()) {
            console().warning("region " + region + " did not answer; its proxies are not in the list");
        }
        return ExitCode.DONE;
    }

    private List<ProxyStatus> matching(List<ProxyStatus> proxies) {
        String only = node;
        return only == null
                ? proxies
                : proxies.stream()
                        .filter(proxy -> proxy.getNode().equals(only)
                                || ProxyTable.name(proxy.getNode()).equals(only))
                        .toList();
    }
}
