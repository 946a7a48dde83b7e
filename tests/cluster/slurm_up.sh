#!/bin/bash
# Starts a whole Slurm on this machine as root, without systemd, on loopback, in one folder:
#
#   slurm_up.sh DIR [NODES]     NODES emulated nodes n0 n1 ..., one slurmd each; several jobs a core run at once
#
# Then: export SLURM_CONF=DIR/slurm.conf; sbatch --wait job.sh. DIR/slurm-down ends what was started here.
# It needs Debian's slurmctld, slurmd, slurm-client and munge.
set -euo pipefail
dir=${1:?DIR is missing} nodes=${2:-1}
host=$(hostname -s)
cpus=${CPUS:-$(nproc)} mem=$(awk '/MemTotal/ { print int($2 / 1024 * 0.9) }' /proc/meminfo)

mkdir -p "$dir"/{state,spool,log,run,munge}
chmod 755 "$dir" "$dir"/{state,spool,log,run}

# munge: its own key, socket and log, owned by root (munged refuses files of other owners)
munge=$dir/munge
if [[ ! -s $munge/key ]]; then
  (umask 077; dd if=/dev/urandom of="$munge/key" bs=1024 count=1 status=none)
fi
chmod 711 "$munge"
if ! munge -n -S "$munge/socket" >/dev/null 2>&1; then
  munged --force --key-file="$munge/key" --socket="$munge/socket" --pid-file="$munge/pid" \
    --log-file="$munge/log" --seed-file="$munge/seed" 2>>"$dir/log/munged.err"
fi

port=${PORT:-6817}
{
  cat <<CONF
ClusterName=local
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$munge/socket
CredType=cred/munge
SlurmctldPort=$port
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool/%n
SlurmctldPidFile=$dir/run/slurmctld.pid
SlurmdPidFile=$dir/run/slurmd.%n.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,batch_sched_delay=0,defer_batch=0,bf_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MpiDefault=none
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
SwitchType=switch/none
ReturnToService=2
SlurmctldTimeout=30
SlurmdTimeout=10
InactiveLimit=0
MinJobAge=600
KillWait=5
JobRequeue=1
MaxArraySize=10001
CONF
  for ((n = 0; n < nodes; n++)); do
    name=$host
    ((nodes > 1)) && name=n$n
    echo "NodeName=$name NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1 + n)) CPUs=$cpus RealMemory=$mem State=UNKNOWN"
  done
  all=$host
  ((nodes > 1)) && all="n[0-$((nodes - 1))]"
  echo "PartitionName=debug Nodes=$all Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:${SHARE:-4}"
} >"$dir/slurm.conf"
export SLURM_CONF=$dir/slurm.conf

if ! scontrol ping 2>/dev/null | grep -q ' is UP'; then
  slurmctld -c -f "$SLURM_CONF"                   # -c: forget older jobs; it goes to the background itself
fi
for _ in $(seq 100); do scontrol ping 2>/dev/null | grep -q ' is UP' && break; sleep 0.1; done
for ((n = 0; n < nodes; n++)); do
  name=$host
  ((nodes > 1)) && name=n$n
  if [[ ! -s $dir/run/slurmd.$name.pid ]] || ! kill -0 "$(cat "$dir/run/slurmd.$name.pid")" 2>/dev/null; then
    mkdir -p "$dir/spool/$name"
    slurmd -f "$SLURM_CONF" -N "$name"
  fi
done
for _ in $(seq 100); do
  [[ $(sinfo -h -N -o %T | grep -cE 'idle|mixed|allocated') -ge $nodes ]] && break
  sleep 0.1
done
cat >"$dir/slurm-down" <<DOWN
#!/bin/bash
for f in $dir/run/slurmd.*.pid $dir/run/slurmctld.pid $munge/pid; do
  [[ -s \$f ]] && kill "\$(cat "\$f")" 2>/dev/null
done
for _ in \$(seq 100); do # each removes its own pid file when it is gone
  ls $dir/run/*.pid >/dev/null 2>&1 || break
  sleep 0.1
done
true
DOWN
chmod +x "$dir/slurm-down"
sinfo
echo "export SLURM_CONF=$SLURM_CONF"
