package io.meridian.cli.verb;

import io.meridian.api.admin.v1.DeployIngressGatewayRequest;
import io.meridian.api.admin.v1.GetIngressGatewayRequest;
import io.meridian.api.admin.v1.IngressGateway;
import io.meridian.api.admin.v1.IngressGatewayServiceGrpc;
import io.meridian.api.admin.v1.IngressGatewayWriteResponse;
import io.meridian.api.admin.v1.ListIngressGatewaysRequest;
import io.meridian.api.admin.v1.ListIngressGatewaysResponse;
import io.meridian.api.admin.v1.UninstallIngressGatewayRequest;
import io.meridian.api.admin.v1.UpdateIngressGatewayRequest;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.type.v1.IngressGatewaySpec;
import io.meridian.cli.exit.ExitCode;
import io.meridian.cli.session.Session;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.ProtoTree;
import io.meridian.cli.text.Table;
import io.meridian.cli.text.Times;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code meridian gateway}. */
@Command(
        name = "gateway",
        aliases = {"ingress-gateway", "igw"},
        description = "Ingress gateways: deploy, list, get, update, uninstall.",
        subcommands = {
            GatewayVerb.Deploy.class,
            GatewayVerb.ListAll.class,
            GatewayVerb.Get.class,
            GatewayVerb.Update.class,
            GatewayVerb.Uninstall.class
        })
public final class GatewayVerb extends Group {
    public GatewayVerb(Session session) {
        super(session);
    }

    /** What an ingress gateway is. */
    static final class SpecOptions {
        @Option(names = "--cluster", paramLabel = "NAME", description = "The cluster that it is deployed in.")
        @Nullable
        String cluster;

        @Option(
                names = {"-n", "--namespace"},
                paramLabel = "NAMESPACE",
                description = "The namespace of its pods; istio-system if not given.")
        @Nullable
        String namespace;

        @Option(names = "--load-balancer", paramLabel = "KIND", description = "public or intranet.")
        @Nullable
        String loadBalancer;

        @Option(
                names = {"-p", "--port"},
                paramLabel = "NAME:SERVICE-PORT:CONTAINER-PORT[:PROTOCOL]",
                description = "Repeatable; in an update they replace all. HTTP if no protocol is given.")
        List<String> ports = List.of();

        @Option(names = "--replicas", paramLabel = "N", description = "1 to 100.")
        @Nullable
        Integer replicas;

        @Option(
                names = {"-l", "--label"},
                paramLabel = "KEY=VALUE",
                description = "Labels of its pods, which Gateway.spec.selector selects. Repeatable; KEY- removes one.")
        List<String> labels = List.of();

        IngressGatewaySpec onto(IngressGatewaySpec before) {
            IngressGatewaySpec.Builder spec = before.toBuilder();
            if (cluster != null) {
                spec.setCluster(cluster);
            }
            if (namespace != null) {
                spec.setNamespace(namespace);
            }
            if (loadBalancer != null) {
                spec.setLoadBalancer(
                        Words.parse("--load-balancer", loadBalancer, IngressGatewaySpec.LoadBalancer.values(), ""));
            }
            if (!ports.isEmpty()) {
                spec.clearPorts()
                        .addAllPorts(ports.stream().map(PortMappings::parse).toList());
            }
            if (replicas != null) {
                spec.setReplicas(replicas);
            }
            return spec.clearLabels()
                    .putAllLabels(Words.labels("--label", labels, before.getLabelsMap()))
                    .build();
        }
    }

    /** {@code gateway deploy}. */
    @Command(name = "deploy", description = "Deploys an ingress gateway in a gateway.")
    static final class Deploy extends Verb {
        @Parameters(paramLabel = "NAME")
        String name = "";

        @Mixin
        SpecOptions spec = new SpecOptions();

        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        WriteOptionsMixin write = new WriteOptionsMixin();

        @Mixin
        OutputOptions output = new OutputOptions();

        Deploy(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            String meshName = session().mesh(mesh.mesh);
            DeployIngressGatewayRequest request = DeployIngressGatewayRequest.newBuilder()
                    .setParent(Names.mesh(meshName))
                    .setIngressGatewayId(name)
                    .setSpec(spec.onto(IngressGatewaySpec.getDefaultInstance()))
                    .setOptions(write.toProto(session(), meshName))
                    .build();
            IngressGatewayWriteResponse response = write.call(
                    session(),
                    channel ->
                            IngressGatewayServiceGrpc.newBlockingStub(channel).deployIngressGateway(request));
            printWrite(this, output, write, response, name, "deployed");
            return ExitCode.DONE;
        }
    }

    /** {@code gateway list}. */
    @Command(name = "list", aliases = "ls", description = "Lists the ingress gateways of a mesh.")
    static final class ListAll extends Verb {
        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        OutputOptions output = new OutputOptions();

        ListAll(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            String parent = Names.mesh(session().mesh(mesh.mesh));
            List<IngressGateway> gateways = Pages.all(
                    token -> session()
                            .servers()
                            .call(channel -> IngressGatewayServiceGrpc.newBlockingStub(channel)
                                    .listIngressGateways(ListIngressGatewaysRequest.newBuilder()
                                            .setParent(parent)
                                            .setPageSize(Pages.SIZE)
                                            .setPageToken(token)
                                            .build())),
                    ListIngressGatewaysResponse::getIngressGatewaysList,
                    ListIngressGatewaysResponse::getNextPageToken);
            if (output.isTree()) {
                console().print(output.tree(Map.of("ingressGateways", ProtoTree.list(gateways))));
            } else {
                printTable(this, output, gateways);
            }
            return ExitCode.DONE;
        }
    }

    /** {@code gateway get}. */
    @Command(name = "get", description = "Shows an ingress gateway.")
    static final class Get extends Verb {
        @Parameters(paramLabel = "NAME")
        String name = "";

        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        OutputOptions output = new OutputOptions();

        Get(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            GetIngressGatewayRequest request = GetIngressGatewayRequest.newBuilder()
                    .setName(Names.ingressGateway(session().mesh(mesh.mesh), name))
                    .build();
            IngressGateway gateway = session()
                    .servers()
                    .call(channel ->
                            IngressGatewayServiceGrpc.newBlockingStub(channel).getIngressGateway(request));
            if (output.isTree()) {
                console().print(output.tree(ProtoTree.of(gateway)));
            } else {
                printTable(this, output, List.of(gateway));
            }
            return ExitCode.DONE;
        }
    }

    /** {@code gateway update}. */
    @Command(name = "update", description = "Changes what is given of an ingress gateway, and nothing else.")
    static final class Update extends Verb {
        @Parameters(paramLabel = "NAME")
        String name = "";

        @Mixin
        SpecOptions spec = new SpecOptions();

        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        WriteOptionsMixin write = new WriteOptionsMixin();

        @Mixin
        OutputOptions output = new OutputOptions();

        Update(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            String meshName = session().mesh(mesh.mesh);
            String resource = Names.ingressGateway(meshName, name);
            IngressGatewayWriteResponse response = ReadModifyWrite.run(session(), meshName, write, (head, options) -> {
                IngressGateway before = session()
                        .servers()
                        .call(channel -> IngressGatewayServiceGrpc.newBlockingStub(channel)
                                .getIngressGateway(GetIngressGatewayRequest.newBuilder()
                                        .setName(resource)
                                        .setMinPosition(head)
                                        .build()));
                UpdateIngressGatewayRequest request = UpdateIngressGatewayRequest.newBuilder()
                        .setName(resource)
                        .setSpec(spec.onto(before.getSpec()))
                        .setOptions(options)
                        .build();
                return write.call(
                        session(),
                        channel -> IngressGatewayServiceGrpc.newBlockingStub(channel)
                                .updateIngressGateway(request));
            });
            printWrite(this, output, write, response, name, "updated");
            return ExitCode.DONE;
        }
    }

    /** {@code gateway uninstall}. */
    @Command(
            name = "uninstall",
            aliases = {"rm", "delete"},
            description = "Uninstalls an ingress gateway.")
    static final class Uninstall extends Verb {
        @Parameters(paramLabel = "NAME")
        String name = "";

        @Mixin
        MeshOption mesh = new MeshOption();

        @Mixin
        WriteOptionsMixin write = new WriteOptionsMixin();

        @Mixin
        OutputOptions output = new OutputOptions();

        Uninstall(Session session) {
            super(session);
        }

        @Override
        public Integer call() {
            String meshName = session().mesh(mesh.mesh);
            UninstallIngressGatewayRequest request = UninstallIngressGatewayRequest.newBuilder()
                    .setName(Names.ingressGateway(meshName, name))
                    .setOptions(write.toProto(session(), meshName))
                    .build();
            WriteResponse response = write.call(
                    session(),
                    channel ->
                            IngressGatewayServiceGrpc.newBlockingStub(channel).uninstallIngressGateway(request));
            new WritePrinter(console(), output, write).print(response, "gateway/" + name, "uninstalled", Map.of());
            return ExitCode.DONE;
        }
    }

    private static void printWrite(
            Verb verb,
            OutputOptions output,
            WriteOptionsMixin write,
            IngressGatewayWriteResponse response,
            String name,
            String done) {
        new WritePrinter(verb.console(), output, write)
                .print(
                        response.getWrite(),
                        "gateway/" + name,
                        done,
                        Map.of("ingressGateway", ProtoTree.of(response.getIngressGateway())));
    }

    private static void printTable(Verb verb, OutputOptions output, List<IngressGateway> gateways) {
        if (output.isName()) {
            verb.console()
                    .print(OutputOptions.lines(gateways.stream()
                            .map(gateway -> "gateway/" + Names.last(gateway.getName()))
                            .toList()));
            return;
        }
        List<String> headers =
                new ArrayList<>(List.of("NAME", "CLUSTER", "NAMESPACE", "LOAD-BALANCER", "PORTS", "REPLICAS", "AGE"));
        if (output.isWide()) {
            headers.addAll(List.of("MODIFIED", "LABELS"));
        }
        Table table = new Table(headers);
        for (IngressGateway gateway : gateways) {
            IngressGatewaySpec spec = gateway.getSpec();
            List<String> row = new ArrayList<>(List.of(
                    Names.last(gateway.getName()),
                    spec.getCluster(),
                    spec.getNamespace(),
                    Words.of(spec.getLoadBalancer(), ""),
                    PortMappings.text(spec.getPortsList()),
                    Integer.toString(spec.getReplicas()),
                    Times.age(gateway.getCreateTime(), verb.session().now())));
            if (output.isWide()) {
                row.addAll(List.of(Positions.cell(gateway.getModified()), Words.text(spec.getLabelsMap())));
            }
            table.row(row);
        }
        verb.console().print(output.table(table));
        if (table.isEmpty()) {
            verb.console().err().println("No ingress gateways.");
        }
    }
}
