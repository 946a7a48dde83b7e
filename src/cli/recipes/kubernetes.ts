/** What `unrec help cluster --k8s` prints: the manifests of two Jobs, batch/v1 of Kubernetes 1.29 and later. */
export const KUBERNETES: string =
  `# Writes one set from several pods. Put your own values in the lines that are marked with
# <-, then:
#
#   kubectl apply -f unrec.yaml
#   kubectl wait --for=condition=Complete --timeout=24h job/unrec
#   kubectl patch job unrec-finish --patch '{"spec":{"suspend":false}}'
#   kubectl logs --follow job/unrec-finish
#
# The second Job says whether all shares are there.
apiVersion: batch/v1
kind: Job
metadata:
  name: unrec
spec:
  completionMode: Indexed
  completions: 16                        # <- as many as there are shares
  parallelism: 8                         # <- pods at a time
  backoffLimitPerIndex: 5
  podFailurePolicy:
    rules:
      # A pod that is moved to another node counts for nothing.
      - action: Ignore
        onPodConditions:
          - type: DisruptionTarget
            status: "True"
      # A command line that makes no sense makes none the next time either.
      - action: FailJob
        onExitCodes:
          containerName: unrec
          operator: In
          values: [2]
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 60
      containers:
        - name: unrec
          image: registry.example/unrec:latest   # <- an image with the unrec binary
          command: [unrec]
          args: [--include=/data/glint360k, --output=/output/glint360k, --shard=auto/16, --jobs=2] # <-
          resources:
            requests: { cpu: "2", memory: 1Gi }
            limits: { memory: 2Gi }
          volumeMounts:
            - { name: data, mountPath: /data, readOnly: true }
            - { name: output, mountPath: /output }
      volumes:
        - name: data
          persistentVolumeClaim: { claimName: data, readOnly: true } # <- where the set is
        - name: output
          persistentVolumeClaim: { claimName: output } # <- ReadWriteMany: all pods write there
---
apiVersion: batch/v1
kind: Job
metadata:
  name: unrec-finish
spec:
  suspend: true
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: unrec
          image: registry.example/unrec:latest   # <-
          command: [unrec]
          args: [finish, --output=/output/glint360k] # <-
          resources:
            requests: { cpu: "1", memory: 512Mi }
            limits: { memory: 2Gi }
          volumeMounts:
            - { name: output, mountPath: /output }
      volumes:
        - name: output
          persistentVolumeClaim: { claimName: output } # <-
`;
