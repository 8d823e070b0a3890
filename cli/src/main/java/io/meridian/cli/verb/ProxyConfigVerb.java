package io.meridian.cli.verb;

import io.meridian.api.admin.v1.GetProxyConfigRequest;
import io.meridian.api.admin.v1.ProxyConfigPart;
import io.meridian.api.admin.v1.ProxyServiceGrpc;
import io.meridian.cli.exit.CliFailure;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.ProtoTree;
import io.meridian.cli.text.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meridian proxy-config}. */
@Command(
        name = "proxy-config",
        aliases = "pc",
        description = "What a proxy is served, or was served at an earlier position or time.",
        footer = {
            "",
            "meridian proxy-config --mesh bookinfo productpage-v1.default routes",
            "meridian pc --mesh bookinfo productpage-v1.default clusters --name 'outbound|9080||reviews.default.svc.cluster.local' -o json",
            "meridian pc --mesh bookinfo productpage-v1.default routes --at 1.10"
        })
public final class ProxyConfigVerb extends Verb {
    @Parameters(
            index = "0",
            paramLabel = "NODE",
            description = "The NAME.NAMESPACE that 'meridian proxies' shows, or a whole node id.")
    String node = "";

    @Parameters(
            index = "1",
            paramLabel = "TYPE",
            arity = "0..1",
            description = "clusters, listeners, routes, endpoints, secrets or all; all if not given.")
    @Nullable
    String type;

    @Option(names = "--name", paramLabel = "NAME", description = "Only resources of this name.")
    String name = "";

    @Option(
            names = "--at",
            paramLabel = "POSITION|TIME|AGO",
            description =
                    "What was served then: compiled again from the log, with the inventory of now, which the log does not have.")
    @Nullable
    String at;

    @Mixin
    MeshOption mesh = new MeshOption();

    @Mixin
    OutputOptions output = new OutputOptions();

    public ProxyConfigVerb(Session session) {
        super(session);
    }

    @Override
    public Integer call() {
        inOrder();
        Optional<ConfigType> wanted = ConfigType.parse(type);
        String meshName = session().mesh(mesh.mesh);
        GetProxyConfigRequest.Builder request = GetProxyConfigRequest.newBuilder()
                .setParent(Names.mesh(meshName))
                .setNode(node)
                .setName(name);
        wanted.ifPresent(only -> request.addTypes(only.shortName()));
        if (at != null) {
            request.setAt(new Resolver(session(), meshName).at("--at", at));
        }
        List<ProxyConfigPart> parts = session().servers().call(channel -> {
            List<ProxyConfigPart> all = new ArrayList<>();
            ProxyServiceGrpc.newBlockingStub(channel)
                    .getProxyConfig(request.build())
                    .forEachRemaining(all::add);
            return all;
        });
        List<ConfigResource> resources = ConfigResource.of(
                parts.stream().flatMap(part -> part.getResourcesList().stream()).toList());
        print(parts.isEmpty() ? ProxyConfigPart.getDefaultInstance() : parts.getFirst(), resources);
        if (resources.isEmpty() && !name.isEmpty()) {
            throw new CliFailure(
                    ExitCode.NOT_FOUND,
                    "no " + wanted.map(only -> only.name() + " ").orElse("") + "resource is called \"" + name
                            + "\"; '-o name' lists the names");
        }
        return ExitCode.DONE;
    }

    /** As istioctl has it: the type before the proxy. */
    private void inOrder() {
        if (type != null && ConfigType.isType(node) && !ConfigType.isType(type)) {
            String first = node;
            node = type;
            type = first;
        }
    }

    private void print(ProxyConfigPart head, List<ConfigResource> resources) {
        if (output.isTree()) {
            Map<String, @Nullable Object> tree = new LinkedHashMap<>();
            tree.put("node", head.getProxy().getNode());
            tree.put("position", ProtoTree.of(head.getPosition()));
            tree.put("notes", List.copyOf(head.getNotesList()));
            List<@Nullable Object> list = new ArrayList<>();
            resources.forEach(resource -> list.add(resource.tree()));
            tree.put("resources", list);
            console().print(output.tree(tree));
        } else if (output.isName()) {
            console()
                    .print(OutputOptions.lines(
                            resources.stream().map(ConfigResource::name).toList()));
        } else {
            String between = "";
            for (ConfigType each : ConfigType.values()) {
                Table table = ConfigTables.of(
                        each,
                        resources.stream()
                                .filter(resource -> resource.type().equals(each.shortName()))
                                .toList(),
                        output.isWide());
                if (!table.isEmpty()) {
                    console().print(between + output.table(table));
                    between = "\n";
                }
            }
            if (resources.isEmpty() && name.isEmpty()) {
                console().err().println("Nothing is served.");
            }
            console()
                    .err()
                    .println("at " + Positions.text(head.getPosition()) + " "
                            + head.getProxy().getNode());
        }
        head.getNotesList().forEach(console()::warning);
    }
}
