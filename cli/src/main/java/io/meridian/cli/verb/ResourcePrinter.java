package io.meridian.cli.verb;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.meridian.api.admin.v1.Resource;
import io.meridian.cli.session.Console;
import io.meridian.cli.text.Positions;
import io.meridian.cli.text.Table;
import io.meridian.cli.text.Times;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Prints resources: a table for each kind with the columns that Istio's CRDs define for kubectl; or YAML, JSON, names. */
final class ResourcePrinter {
    /** From the CRDs' additionalPrinterColumns: header and field of the spec. */
    private static final Map<String, Map<String, String>> COLUMNS = Map.of(
            "VirtualService", columns("GATEWAYS", "gateways", "HOSTS", "hosts"),
            "DestinationRule", columns("HOST", "host"),
            "ServiceEntry", columns("HOSTS", "hosts", "LOCATION", "location", "RESOLUTION", "resolution"),
            "WorkloadEntry", columns("ADDRESS", "address"),
            "Gateway", columns("SELECTOR", "selector"));

    private final Console console;
    private final Instant now;
    private final OutputOptions output;
    private final boolean withNamespace;

    ResourcePrinter(Verb verb, OutputOptions output, boolean withNamespace) {
        this.console = verb.console();
        this.now = verb.session().now();
        this.output = output;
        this.withNamespace = withNamespace;
    }

    private static Map<String, String> columns(String... headersAndFields) {
        Map<String, String> columns = new LinkedHashMap<>();
        for (int i = 0; i < headersAndFields.length; i += 2) {
            columns.put(headersAndFields[i], headersAndFields[i + 1]);
        }
        return columns;
    }

    /** @param tree the same for -o json */
    void print(List<Resource> resources, Map<String, @Nullable Object> tree) {
        switch (output.format) {
            case json -> console.print(output.tree(tree));
            case yaml ->
                console.print(resources.stream().map(ResourcePrinter::yaml).collect(Collectors.joining("---\n")));
            case name ->
                console.print(OutputOptions.lines(resources.stream()
                        .map(resource -> Kinds.name(resource.getKey()))
                        .toList()));
            case table, wide -> tables(resources);
        }
    }

    private static String yaml(Resource resource) {
        return resource.getYaml().endsWith("\n") ? resource.getYaml() : resource.getYaml() + "\n";
    }

    private void tables(List<Resource> resources) {
        Map<String, List<Resource>> byKind = new LinkedHashMap<>();
        for (Resource resource : resources) {
            byKind.computeIfAbsent(resource.getKey().getKind(), kind -> new ArrayList<>())
                    .add(resource);
        }
        List<String> tables = new ArrayList<>();
        byKind.forEach((kind, members) -> tables.add(table(kind, members, byKind.size() > 1)));
        console.print(String.join("\n", tables));
    }

    private String table(String kind, List<Resource> resources, boolean withKind) {
        Map<String, String> columns = COLUMNS.getOrDefault(kind, Map.of());
        List<String> headers = new ArrayList<>();
        if (withNamespace) {
            headers.add("NAMESPACE");
        }
        headers.add("NAME");
        headers.addAll(columns.keySet());
        headers.add("AGE");
        if (output.isWide()) {
            headers.addAll(List.of("GENERATION", "POSITION", "LABELS"));
        }
        Table table = new Table(headers);
        for (Resource resource : resources) {
            List<String> row = new ArrayList<>();
            if (withNamespace) {
                row.add(resource.getKey().getNamespace());
            }
            row.add(withKind ? Kinds.name(resource.getKey()) : resource.getKey().getName());
            columns.values().forEach(field -> row.add(cell(resource.getSpec(), field)));
            row.add(Times.age(resource.getCreateTime(), now));
            if (output.isWide()) {
                row.add(Long.toString(resource.getGeneration()));
                row.add(Positions.cell(resource.getModified()));
                row.add(Words.text(resource.getLabelsMap()));
            }
            table.row(row);
        }
        return output.table(table);
    }

    private static String cell(Struct spec, String field) {
        return text(spec.getFieldsOrDefault(field, Value.getDefaultInstance()));
    }

    private static String text(Value value) {
        return switch (value.getKindCase()) {
            case STRING_VALUE -> value.getStringValue();
            case LIST_VALUE ->
                "["
                        + value.getListValue().getValuesList().stream()
                                .map(ResourcePrinter::text)
                                .collect(Collectors.joining(","))
                        + "]";
            case STRUCT_VALUE ->
                value.getStructValue().getFieldsMap().entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + text(entry.getValue()))
                        .collect(Collectors.joining(","));
            case NUMBER_VALUE -> String.valueOf(value.getNumberValue());
            case BOOL_VALUE -> String.valueOf(value.getBoolValue());
            case NULL_VALUE, KIND_NOT_SET -> "";
        };
    }
}
