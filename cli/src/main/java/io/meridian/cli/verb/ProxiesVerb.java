package io.meridian.cli.verb;

import io.meridian.api.admin.v1.ListProxiesRequest;
import io.meridian.api.admin.v1.ListProxiesResponse;
import io.meridian.api.admin.v1.ProxyServiceGrpc;
import io.meridian.api.type.v1.ProxyStatus;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.ProtoTree;
import io.meridian.cli.text.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code meridian proxies}. */
@Command(
        name = "proxies",
        description = "The proxies of a mesh in all regions: who serves them, what they have acknowledged.")
public final class ProxiesVerb extends Verb {
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
        List<ProxyStatus> proxies = response.getProxiesList();
        if (output.isTree()) {
            Map<String, @Nullable Object> tree = new LinkedHashMap<>();
            tree.put("proxies", ProxyTable.trees(proxies));
            tree.put("unreachableRegions", List.copyOf(response.getUnreachableRegionsList()));
            tree.put("head", ProtoTree.of(response.getHead()));
            console().print(output.tree(tree));
        } else if (output.isName()) {
            console()
                    .print(OutputOptions.lines(
                            proxies.stream().map(ProxyStatus::getNode).toList()));
        } else {
            Table table = ProxyTable.of(proxies, output.isWide(), session().now());
            console().print(output.table(table));
            ProxyTable.refusals(proxies).forEach(console()::warning);
            if (table.isEmpty()) {
                console().err().println("No proxies are connected.");
            }
        }
        for (String region : response.getUnreachableRegionsList()) {
            console().warning("region " + region + " did not answer; its proxies are not in the list");
        }
        return ExitCode.DONE;
    }
}
