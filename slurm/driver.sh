#!/bin/bash
# The driver as a job, for sites that forbid long processes on login nodes: sbatch slurm/driver.sh all
# It needs next to nothing, but lives as long as the run. Near its time limit, and by scancel, it cancels its jobs and ends;
# the same command goes on. Give it a partition whose limit is long, or a line for partition and account here.
#SBATCH --job-name=multipress
#SBATCH --time=2-00:00:00
#SBATCH --cpus-per-task=1
#SBATCH --mem=8G
#SBATCH --signal=B:TERM@120
#SBATCH --output=multipress-%j.log
set -e
. .venv/bin/activate
# In place of this shell, so that SLURM's signal reaches it.
exec snakemake --profile slurm "$@"
